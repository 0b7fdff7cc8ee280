import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoomId, UserId } from '@tally/protocol'
import { loadConfig } from '../../server/src/config.ts'
import { type RunningTally, startTally } from '../../server/src/main.ts'
import { createLog } from '../../server/src/ops/log.ts'
import { createTestDatabase, type TestDatabaseKind } from '../../server/test-support/test-database.ts'
import { isConnected } from '../src/connection-status.ts'
import { createTally, type Tally, type TallyOptions } from '../src/tally.ts'
import { until } from './until.ts'

const SECRET = 'a secret that is long enough to be one'
const SERVER_KEY = 'key-of-the-host-0123456789'

/** A whole server whose database outlives it: stopped and started again it is the same one, at the same address. */
export class TestServer {
  readonly #env: Record<string, string>
  readonly #drop: () => Promise<void>
  readonly #clients: Tally[] = []
  #round = 0
  #running: RunningTally
  #url: string

  private constructor(parts: {
    env: Record<string, string>
    drop: () => Promise<void>
    running: RunningTally
  }) {
    this.#env = parts.env
    this.#drop = parts.drop
    this.#running = parts.running
    this.#url = parts.running.url
  }

  static async start(kind: TestDatabaseKind): Promise<TestServer> {
    const { place, drop } = await placeFor(kind)
    const env = {
      PORT: '0',
      HOST: '127.0.0.1',
      JWT_SECRET: SECRET,
      API_KEYS: `host:${SERVER_KEY}`,
      TALLY_DEMO_DATA: 'false',
      TALLY_DRAIN_SPREAD_MS: '0',
      ...place,
    }
    return new TestServer({ env, drop, running: await startTally(loadConfig(env), silent()) })
  }

  get url(): string {
    return this.#url
  }

  /** The server goes, as in a deployment; its clients notice. */
  async stop(): Promise<void> {
    await this.#running.stop()
  }

  async startAgain(): Promise<void> {
    const port = new URL(this.#url).port
    this.#running = await startTally(loadConfig({ ...this.#env, PORT: port }), silent())
  }

  async remove(): Promise<void> {
    await this.stopClients()
    await this.#running.stop()
    await this.#drop()
  }

  /** Ends a test: its clients go, and the next one has people of its own. */
  async endRound(): Promise<void> {
    await this.stopClients()
    this.#round++
  }

  /** The id of somebody in this test. */
  id(name: string): UserId {
    return `${name}-${this.#round}` as UserId
  }

  async stopClients(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.stop()))
  }

  /** A client of somebody; back-off without long waits. */
  client(name: string, options: Partial<TallyOptions> = {}): Tally {
    const client = createTally({
      url: this.#url,
      token: this.token(name),
      random: () => Math.random() / 20,
      ...options,
    })
    this.#clients.push(client)
    return client
  }

  /** A client of somebody, connected and current. */
  async signIn(name: string, options: Partial<TallyOptions> = {}): Promise<Tally> {
    const client = this.client(name, options)
    client.start()
    await until(client.connection, isConnected)
    return client
  }

  /** A group of these people, made by the host. */
  async room(...names: string[]): Promise<RoomId> {
    const memberIds = names.map((name) => this.id(name))
    const room = await this.asHost('POST', '/v1/rooms', { kind: 'group', memberIds })
    return (room as { id: RoomId }).id
  }

  /** A token as the host's identity service makes them. */
  token(name: string, { secondsLeft = 3_600 } = {}): string {
    const nowSeconds = Math.floor(Date.now() / 1_000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = {
      sub: this.id(name),
      name: `${name} Kim`,
      iat: nowSeconds - 60,
      exp: nowSeconds + secondsLeft,
    }
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
    return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
  }

  /** A request with the host's key. */
  async asHost(method: string, path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

function silent() {
  return createLog({ level: 'silent' })
}

async function placeFor(
  kind: TestDatabaseKind,
): Promise<{ place: Record<string, string>; drop: () => Promise<void> }> {
  if (kind === 'pglite') {
    const folder = await mkdtemp(join(tmpdir(), 'tally-client-'))
    return { place: { DATA_DIR: folder }, drop: () => rm(folder, { recursive: true, force: true }) }
  }
  const { options, drop } = await createTestDatabase(kind)
  if (!('databaseUrl' in options)) throw new Error('a PostgreSQL has an address')
  return { place: { DATABASE_URL: options.databaseUrl }, drop }
}
