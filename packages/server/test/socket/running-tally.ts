import type { RoomId, UserId } from '@tally/protocol'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { loadConfig } from '../../src/config.ts'
import { type RunningTally, startTally } from '../../src/main.ts'
import { createLog } from '../../src/ops/log.ts'
import {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseKind,
} from '../../test-support/test-database.ts'
import { AppClient, type AppClientOptions } from './app-client.ts'

const SECRET = 'a secret that is long enough to be one'
const SERVER_KEY = 'a-key-of-the-host-that-is-long-enough'

/** A whole server on a database of its own, and everything a test does with it from outside. */
export class TestTally {
  readonly #running: RunningTally
  readonly #clients = new Set<AppClient>()
  /** Every line of its log. */
  readonly log: string[]

  constructor(running: RunningTally, log: string[]) {
    this.#running = running
    this.log = log
  }

  get url(): string {
    return this.#running.url
  }

  /** For what has no way in from outside: frames that get lost. */
  get ctx(): ActionContext {
    return this.#running.ctx
  }

  /** What the server itself thinks went wrong. */
  get errors(): string[] {
    return this.log.filter((line) => /"level":"(error|fatal)"/.test(line))
  }

  /** Good for longer than a clock of a test is wrong. */
  token(userId: string, { secondsLeft = 3 * 3_600, issuedSecondsAgo = 60 } = {}): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000)
    return new SignJWT({ sub: userId, name: `${userId} Kim`, user_type: 'user' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt(nowSeconds - issuedSecondsAgo)
      .setExpirationTime(nowSeconds + secondsLeft)
      .sign(new TextEncoder().encode(SECRET))
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

  async room(...userIds: string[]): Promise<RoomId> {
    const memberIds = userIds as UserId[]
    const room = await createRoom(this.ctx, null, { kind: 'group', memberIds, history: 'none' })
    return room.id
  }

  /** A request of somebody, or with the host's key where nobody is named. */
  async request(method: string, path: string, { as, body }: { as?: string; body?: unknown } = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(as === undefined
          ? { 'x-api-key': SERVER_KEY }
          : { authorization: `Bearer ${await this.token(as)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  closeClients(): void {
    for (const client of this.#clients) client.close()
    this.#clients.clear()
  }

  /** What a termination does; whoever is connected is sent away by it. */
  async stop(): Promise<void> {
    await this.#running.stop()
  }
}

export type TestTallyOptions = {
  /** What its operator decided, beside what every test needs. */
  env?: Record<string, string>
  /** The clock of its machine. */
  now?: () => number
}

/** A server on a database that is there already. The caller stops it. */
export async function startTestTally(
  database: TestDatabase['options'],
  { env = {}, now = Date.now }: TestTallyOptions = {},
): Promise<TestTally> {
  const log: string[] = []
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_SECRET: SECRET,
    API_KEYS: `host:${SERVER_KEY}`,
    TALLY_DEMO_DATA: 'false',
    TALLY_DRAIN_SPREAD_MS: '0',
    LOG_LEVEL: 'info',
    ...('databaseUrl' in database ? { DATABASE_URL: database.databaseUrl } : { DATA_DIR: database.dataDir }),
    ...env,
  })
  const destination = { write: (line: string) => void log.push(line) }
  return new TestTally(await startTally(config, createLog({ level: 'info', destination }), { now }), log)
}

/** One server for the tests of a `describe`; it must not have thought anything wrong when they are over. */
export function useTally(
  kind: TestDatabaseKind,
  env: Record<string, string> = {},
  options: Omit<TestTallyOptions, 'env'> = {},
): () => TestTally {
  let tally: TestTally | undefined
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const database = await createTestDatabase(kind)
    drop = database.drop
    tally = await startTestTally(database.options, { ...options, env })
  })
  afterAll(async () => {
    tally?.closeClients()
    await tally?.stop()
    await drop?.()
    if (tally !== undefined) expect(tally.errors).toEqual([])
  })
  return () => {
    if (tally === undefined) throw new Error('the server did not start')
    return tally
  }
}
