import { z } from 'zod'
import { ERROR_CODES, type ErrorCode, isErrorCode, RETRY_ADVICE, type RetryAdvice } from './error-codes.ts'
import { Count } from './ids.ts'

/** How a refusal looks on the wire: inside `error` of an HTTP answer and of a Socket.IO acknowledgement. */
export const ErrorDetail = z.object({
  // Any string, because a client must understand a server that is newer than itself; ours are `ErrorCode`.
  code: z.string(),
  message: z.string(),
  retry: z.enum(RETRY_ADVICE),
  retryAfterMs: Count.optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type ErrorDetail = z.infer<typeof ErrorDetail>

/** The body of every refused request of `/v1`. */
export const ErrorBody = z.object({ error: ErrorDetail })
export type ErrorBody = z.infer<typeof ErrorBody>

/** What a refusal may say beside its code. */
export type RequestErrorOptions = {
  /** Replaces the code's own message; shown to developers, in English. */
  message?: string
  /** How long to wait before `later` makes sense. */
  retryAfterMs?: number
  /** What exactly was wrong. Never the values that were sent: they may be secrets. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** A refusal from the closed set. Everything else that is thrown is a bug or a fault, never an answer. */
export class RequestError extends Error {
  readonly code: ErrorCode
  readonly retry: RetryAdvice
  readonly retryAfterMs: number | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, options: RequestErrorOptions = {}) {
    super(options.message ?? ERROR_CODES[code].message, { cause: options.cause })
    this.name = 'RequestError'
    this.code = code
    this.retry = ERROR_CODES[code].retry
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return ERROR_CODES[this.code].status
  }

  /** The wire shape: `{ error: error.toJSON() }` over HTTP, `{ ok: false, error: error.toJSON() }` over the socket. */
  toJSON(): ErrorDetail {
    return {
      code: this.code,
      message: this.message,
      retry: this.retry,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(this.retryAfterMs) }),
      ...(this.details === undefined ? {} : { details: this.details }),
    }
  }
}

/**
 * The refusal a client received, from an `ErrorDetail` or anything else that came in its place (a proxy's page, a newer
 * server's code). An unknown code keeps its message and becomes the known code that carries the same retry advice.
 */
export function requestErrorFrom(value: unknown): RequestError {
  const parsed = ErrorDetail.safeParse(value)
  if (!parsed.success) return new RequestError('unavailable', { message: 'The answer was not understood.' })
  const { code, message, retry, retryAfterMs, details } = parsed.data
  return new RequestError(isErrorCode(code) ? code : KNOWN_CODE_FOR[retry], {
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  })
}

const KNOWN_CODE_FOR: Record<RetryAdvice, ErrorCode> = {
  never: 'invalid_request',
  later: 'unavailable',
  after_auth: 'unauthorized',
  after_resync: 'room_not_found',
}

/**
 * What a schema makes of an untrusted value.
 * @throws RequestError `invalid_request`, whose `details.issues` name the first few fields and what they should be.
 */
export function parseRequest<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error)
}

/** `invalid_request` for what a schema found: paths and rules, never the values that were sent. */
export function invalidRequest(error: z.core.$ZodError): RequestError {
  const issues = error.issues.slice(0, MAX_REPORTED_ISSUES).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  return new RequestError('invalid_request', { details: { issues } })
}

const MAX_REPORTED_ISSUES = 5
