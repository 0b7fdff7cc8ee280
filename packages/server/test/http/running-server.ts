import { randomUUID } from 'node:crypto'
import { parseRequest, UserId } from '@tally/protocol'
import { type JWTPayload, SignJWT } from 'jose'
import { loadConfig } from '../../src/config.ts'
import { type RunningTally, startTally } from '../../src/main.ts'
import { createLog, type Logger } from '../../src/ops/log.ts'
import { createTestDatabase, type TestDatabaseKind } from '../../test-support/test-database.ts'

const JWT_SECRET = 'the secret of the tests, known to nobody else'
export const SERVER_KEY = 'the-key-of-the-backend-of-the-tests'

/** Both databases the server runs on. */
export const DATABASES: readonly TestDatabaseKind[] = ['pglite', 'postgres']

export type Answer = {
  readonly status: number
  readonly headers: Headers
  // Tests look at answers as an installed client does: by the names of fields.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
  readonly body: any
}

export type Call = {
  /** A person, by token. */
  as?: string
  /** A token as it is. */
  token?: string
  /** With the key of the host's backend. */
  server?: boolean
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** A whole server on a database of its own, asked over HTTP as any client would. */
export class RunningServer {
  readonly tally: RunningTally
  readonly #drop: () => Promise<void>
  /** One per person, as an app keeps it. */
  readonly #tokens = new Map<string, Promise<string>>()

  constructor(tally: RunningTally, drop: () => Promise<void>) {
    this.tally = tally
    this.#drop = drop
  }

  get url(): string {
    return this.tally.url
  }

  async ask(method: string, path: string, call: Call = {}): Promise<Answer> {
    const { as, token = as === undefined ? undefined : await this.#tokenFor(as), server, body, signal } = call
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(server === true ? { 'x-api-key': SERVER_KEY } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  #tokenFor(userId: string): Promise<string> {
    const token = this.#tokens.get(userId) ?? tokenOf(userId)
    this.#tokens.set(userId, token)
    return token
  }

  get(path: string, call?: Call): Promise<Answer> {
    return this.ask('GET', path, call)
  }

  post(path: string, call?: Call): Promise<Answer> {
    return this.ask('POST', path, call)
  }

  /** A direct room of two people, made by the host's backend. */
  async room(...people: string[]): Promise<string> {
    const made = await this.post('/v1/rooms', { server: true, body: { kind: 'group', memberIds: people } })
    if (made.status !== 201) throw new Error(`no room: ${JSON.stringify(made.body)}`)
    return made.body.id
  }

  async send(as: string, roomId: string, text: string): Promise<Answer['body']> {
    const sent = await this.post(`/v1/rooms/${roomId}/messages`, { as, body: { text } })
    if (sent.status !== 201) throw new Error(`not sent: ${JSON.stringify(sent.body)}`)
    return sent.body
  }

  async badge(as: string): Promise<Answer['body']> {
    return (await this.get('/v1/badge', { as })).body
  }

  async stop(): Promise<void> {
    await this.tally.stop()
    await this.#drop()
  }
}

/** Starts a server in a process of production's kind: tokens by secret, a key for the backend. */
export async function startServer(
  kind: TestDatabaseKind,
  environment: Record<string, string> = {},
  log: Logger = createLog({ level: 'error' }),
): Promise<RunningServer> {
  const { options, drop } = await createTestDatabase(kind)
  const database: Record<string, string> =
    'databaseUrl' in options ? { DATABASE_URL: options.databaseUrl } : { DATA_DIR: options.dataDir }
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_SECRET,
    API_KEYS: `backend:${SERVER_KEY}`,
    TALLY_DRAIN_SPREAD_MS: '0',
    ...database,
    ...environment,
  })
  return new RunningServer(await startTally(config, log), drop)
}

/** A token as the host makes them, good for an hour unless the claims say otherwise. */
export function tokenOf(userId: string, claims: JWTPayload = {}): Promise<string> {
  const nowS = Math.floor(Date.now() / 1_000)
  return new SignJWT({ sub: userId, iat: nowS, exp: nowS + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(JWT_SECRET))
}

/** A person nobody has heard of: tests of one file share a server, not their people. */
export function somebody(name: string): UserId {
  return parseRequest(UserId, `${name}-${randomUUID().slice(0, 8)}`)
}
