import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export type LogOptions = {
  level: string
  /** Name of this server, on every line. */
  instance?: string | undefined
  /** Where lines go; standard output when absent. */
  destination?: DestinationStream
}

/**
 * The log of a process: one JSON object per line. Tokens, keys, secrets and the text of messages are cut out wherever
 * a line carries them by name, requests appear without their query, and errors without what a driver adds to them.
 */
export function createLog({ level, instance, destination }: LogOptions): Logger {
  const options = {
    level,
    base: instance === undefined ? null : { instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: describeError, req: describeRequest, res: describeResponse },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

const SECRET_NAMES = [
  'token',
  'secret',
  'password',
  'jwtSecret',
  'apiKey',
  'apiKeys',
  'databaseUrl',
  'authorization',
]
const CONTENT_NAMES = ['text', 'content', 'message', 'last_message', 'lastMessage', 'metadata']
const REDACTED = [...SECRET_NAMES, ...CONTENT_NAMES, 'headers', 'body'].flatMap((name) => [name, `*.${name}`])

type DescribedError = { type: string; reason: string; code?: string; stack?: string; cause?: DescribedError }

const MOST_CAUSES = 4

// A PostgreSQL error also carries `detail`, `where` and parameters: rows and message texts of people.
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, reason: 'a value that is no error was thrown' }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    // Not called `message`: that name is cut out.
    reason: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= MOST_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  }
}

// A query may carry a token of somebody who put it into the address by mistake.
function describeRequest(request: { id?: unknown; method?: string; url?: string; ip?: string }) {
  return { id: request.id, method: request.method, path: request.url?.split('?', 1)[0], address: request.ip }
}

function describeResponse(response: { statusCode?: number }) {
  return { status: response.statusCode }
}
