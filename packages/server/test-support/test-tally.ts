import type { RoomId, UserId } from '@tally/protocol'
import { afterAll, beforeAll, expect } from 'vitest'
import type { ActionContext } from '../src/actions/context.ts'
import { createRoom } from '../src/actions/create-room.ts'
import { loadConfig } from '../src/config.ts'
import { type RunningTally, startTally as startServer, type TallyOptions } from '../src/main.ts'
import { createLog } from '../src/ops/log.ts'
import { AppClient, type AppClientOptions } from './app-client.ts'
import { JWT_SECRET, SERVER_KEY, tokenOf } from './host.ts'
import { createTestDatabase, type TestDatabase, type TestDatabaseKind } from './test-database.ts'

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

/** A whole server on a database of its own, and everything a test does with it from outside. */
export class TestTally {
  readonly #running: RunningTally
  readonly #drop: () => Promise<void>
  readonly #clients = new Set<AppClient>()
  /** One per person, as an app keeps it. */
  readonly #tokens = new Map<string, Promise<string>>()
  /** Every line of its log. */
  readonly log: readonly string[]

  /** @param drop what its database needs when the server is gone; a database that outlives it needs nothing. */
  constructor(running: RunningTally, log: readonly string[], drop = async () => {}) {
    this.#running = running
    this.#drop = drop
    this.log = log
  }

  get url(): string {
    return this.#running.url
  }

  /** For what has no way in from outside: faults, and frames that get lost. */
  get ctx(): ActionContext {
    return this.#running.ctx
  }

  /** What the server itself thinks went wrong. */
  get errors(): string[] {
    return this.log.filter((line) => /"level":"(error|fatal)"/.test(line))
  }

  /** Asks over HTTP, as any client would. */
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

  get(path: string, call?: Call): Promise<Answer> {
    return this.ask('GET', path, call)
  }

  post(path: string, call?: Call): Promise<Answer> {
    return this.ask('POST', path, call)
  }

  /** A request of somebody, or of the host's backend where nobody is named. */
  request(method: string, path: string, call: Pick<Call, 'as' | 'body'> = {}): Promise<Answer> {
    return this.ask(method, path, call.as === undefined ? { ...call, server: true } : call)
  }

  /** A group of these people, made by the host's backend; the first one owns it. */
  async room(...userIds: string[]): Promise<RoomId> {
    const memberIds = userIds as UserId[]
    return (await createRoom(this.ctx, null, { kind: 'group', memberIds, history: 'none' })).id
  }

  async send(as: string, roomId: string, text: string): Promise<Answer['body']> {
    const sent = await this.post(`/v1/rooms/${roomId}/messages`, { as, body: { text } })
    if (sent.status !== 201) throw new Error(`not sent: ${JSON.stringify(sent.body)}`)
    return sent.body
  }

  async badge(as: string): Promise<Answer['body']> {
    return (await this.get('/v1/badge', { as })).body
  }

  /** A token of somebody with a name, as an app has it that was opened a while ago. */
  token(userId: string, { secondsLeft = 3 * 3_600, issuedSecondsAgo = 60 } = {}): Promise<string> {
    const nowS = Math.floor(Date.now() / 1_000)
    const profile = { name: `${userId} Kim`, user_type: 'user' }
    return tokenOf(userId, { ...profile, iat: nowS - issuedSecondsAgo, exp: nowS + secondsLeft })
  }

  /** A socket that is connected and has said nothing yet. */
  async connect(options: AppClientOptions = {}): Promise<AppClient> {
    const client = new AppClient(this.url, options)
    this.#clients.add(client)
    await client.connected()
    return client
  }

  /** A socket that is somebody. */
  async signIn(userId: string, options: AppClientOptions = {}): Promise<AppClient> {
    const client = await this.connect(options)
    client.emit('authenticate', await this.token(userId))
    await client.next('total-unread-count-updated')
    return client
  }

  closeClients(): void {
    for (const client of this.#clients) client.close()
    this.#clients.clear()
  }

  /** What a termination does; whoever is connected is sent away by it. */
  async stop(): Promise<void> {
    await this.#running.stop()
    await this.#drop()
  }

  #tokenFor(userId: string): Promise<string> {
    const token = this.#tokens.get(userId) ?? tokenOf(userId)
    this.#tokens.set(userId, token)
    return token
  }
}

export type TestTallyOptions = TallyOptions & {
  /** What its operator decided, beside what every test needs. */
  env?: Record<string, string>
}

/** A server of production's kind (tokens by secret, a key for the backend) on a database of its own. */
export async function startTally(kind: TestDatabaseKind, options: TestTallyOptions = {}): Promise<TestTally> {
  const { options: database, drop } = await createTestDatabase(kind)
  return startTallyOn(database, { ...options, drop })
}

/** The same on a database that is there already, and stays. */
export async function startTallyOn(
  database: TestDatabase['options'],
  { env = {}, drop, ...options }: TestTallyOptions & { drop?: () => Promise<void> } = {},
): Promise<TestTally> {
  const log: string[] = []
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_SECRET,
    API_KEYS: `backend:${SERVER_KEY}`,
    TALLY_DEMO_DATA: 'false',
    TALLY_DRAIN_SPREAD_MS: '0',
    ...('databaseUrl' in database ? { DATABASE_URL: database.databaseUrl } : { DATA_DIR: database.dataDir }),
    ...env,
  })
  const destination = { write: (line: string) => void log.push(line) }
  const running = await startServer(config, createLog({ level: config.logLevel, destination }), options)
  return new TestTally(running, log, drop)
}

export type UseTallyOptions = Omit<TestTallyOptions, 'env'> & {
  /** What the server thinks wrong because the tests make it so: parts of lines of its log. */
  expectedErrors?: readonly string[]
}

/** One server for the tests of a `describe`; it must not have thought anything wrong when they are over. */
export function useTally(
  kind: TestDatabaseKind,
  env: Record<string, string> = {},
  { expectedErrors = [], ...options }: UseTallyOptions = {},
): () => TestTally {
  return useStarted(() => startTally(kind, { ...options, env }), expectedErrors)
}

/** What `start` starts, for the tests of a `describe`. */
export function useStarted<Tally extends TestTally>(
  start: () => Promise<Tally>,
  expectedErrors: readonly string[] = [],
): () => Tally {
  let tally: Tally | undefined
  beforeAll(async () => {
    tally = await start()
  })
  afterAll(async () => {
    tally?.closeClients()
    await tally?.stop()
    const isExpected = (line: string) => expectedErrors.some((part) => line.includes(part))
    expect((tally?.errors ?? []).filter((line) => !isExpected(line))).toEqual([])
  })
  return () => {
    if (tally === undefined) throw new Error('the server did not start')
    return tally
  }
}
