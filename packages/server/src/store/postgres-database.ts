import { RequestError } from '@tally/protocol'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { DatabaseGuard } from './database-guard.ts'
import type { ResolvedDatabaseOptions } from './database-options.ts'
import { PLANNER_SETTINGS } from './planner-settings.ts'
import { ProbeConnection } from './probe-connection.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { Statement, Transaction } from './statement.ts'
import { storageFaultOf } from './storage-faults.ts'
import type { Tables } from './tables.ts'
import { typedStatements } from './typed-statements.ts'

/** Two groups over disjoint rooms nearly double the throughput; a third gains nothing on the same database. */
const COMMIT_LANES = 2

const OLDEST_VERSION = 150_000

/** How much longer than the server's own timeout a client waits for one statement, whatever the server does else. */
const GRACE_MS = 2_000

const CONNECT_TIMEOUT_MS = 5_000

/** Statements that wait for a connection: about a second's work. */
const MAX_WAITING = 5_000

/** Long, because a new connection has to plan every function anew. */
const IDLE_CONNECTION_MS = 300_000

/** The longest timeout a timer can have: changes of the schema take the time they take. */
const NO_TIMEOUT_MS = 2 ** 31 - 1

/** @throws RequestError `storage_unavailable`; Error when the server is too old. */
export async function openPostgres(url: string, options: ResolvedDatabaseOptions): Promise<PostgresDatabase> {
  const database = new PostgresDatabase(url, options)
  try {
    await database.checkVersion()
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

class PostgresDatabase {
  readonly commitLanes = COMMIT_LANES
  readonly answersAtOnce = false
  readonly kysely: Kysely<Tables>
  readonly #pool: pg.Pool
  readonly #guard: DatabaseGuard
  readonly #probe: ProbeConnection
  /** Connections on which a statement is under way. */
  readonly #busy = new Set<pg.PoolClient>()
  /** How often the database hung, and after how many times each connection was opened: of older ones none is good. */
  #hangs = 0
  readonly #openedAfter = new WeakMap<pg.PoolClient, number>()
  readonly #random: () => number
  #available = true

  constructor(url: string, options: ResolvedDatabaseOptions) {
    this.#random = options.random
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: options.nodeId,
      max: options.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      keepAlive: true,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
      idle_in_transaction_session_timeout: options.statementTimeoutMs,
      query_timeout: options.statementTimeoutMs + GRACE_MS,
      types: { getTypeParser },
    })
    this.#pool.on('error', options.onFault)
    // A connection that breaks while it is checked out reports twice: to its query, and as an event that nobody may miss.
    this.#pool.on('connect', (client) => {
      client.on('error', () => {})
      // Queued before whatever the connection was opened for; that reports a connection which is broken already.
      client.query(PLANNER_SETTINGS).catch(() => {})
    })
    this.#probe = new ProbeConnection({
      connectionString: url,
      application_name: options.nodeId,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
    this.#guard = new DatabaseGuard({
      maxRunning: options.maxConnections,
      maxWaiting: MAX_WAITING,
      ask: () => this.#ask(),
      onHung: () => this.#giveUpConnections(),
    })
    this.kysely = typedStatements((statement) => this.query(statement))
  }

  get available(): boolean {
    return this.#available
  }

  async query<R>(statement: Statement): Promise<R[]> {
    try {
      const rows = await retryConflicts(
        () => this.#guard.run(() => this.#withClient((client) => this.#runOn<R>(client, statement))),
        this.#random,
      )
      this.#available = true
      return rows
    } catch (error) {
      // One that only lost against others too often was answered all the same.
      if (error instanceof RequestError && error.code === 'storage_unavailable') {
        this.#available = this.#available && storageFaultOf(error.cause) !== 'unavailable'
      }
      throw error
    }
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return retryConflicts(() => this.#withClient((client) => inTransaction(client, work)), this.#random)
  }

  async close(): Promise<void> {
    this.#guard.close()
    this.#probe.drop()
    await this.#pool.end()
  }

  async checkVersion(): Promise<void> {
    const text = `select current_setting('server_version_num')::int as version`
    const [row] = await this.query<{ version: number }>({ name: 'server-version', text, values: [] })
    if (row === undefined || row.version < OLDEST_VERSION) {
      throw new Error(`PostgreSQL ${OLDEST_VERSION / 10_000} or newer is needed, this is ${row?.version}`)
    }
  }

  async #ask(): Promise<void> {
    await this.#probe.ask()
    this.#available = true
  }

  /** Those that are idle are given up when somebody takes them. */
  #giveUpConnections(): void {
    this.#available = false
    this.#hangs += 1
    this.#probe.drop()
    for (const client of this.#busy) client.end().catch(() => {})
  }

  async #connect(): Promise<pg.PoolClient> {
    const hangs = this.#hangs
    for (;;) {
      const client = await this.#pool.connect()
      const isOld = (this.#openedAfter.get(client) ?? this.#hangs) < this.#hangs
      if (!isOld) this.#openedAfter.set(client, this.#hangs)
      if (!isOld && hangs === this.#hangs) return client
      client.release(isOld)
      // Whoever wanted it was told that it was in vain, and must not have it done after all.
      if (hangs !== this.#hangs) throw new Error('the database hung meanwhile')
    }
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect()
    try {
      const result = await work(client)
      client.release()
      return result
    } catch (error) {
      // A connection whose statement was merely refused is as good as before, and has its plans.
      client.release(storageFaultOf(error) === 'unavailable')
      throw error
    }
  }

  async #runOn<R>(client: pg.PoolClient, statement: Statement): Promise<R[]> {
    this.#busy.add(client)
    try {
      return await run<R>(client, statement)
    } finally {
      this.#busy.delete(client)
    }
  }
}

async function run<R>(client: pg.PoolClient, { name, text, values }: Statement): Promise<R[]> {
  const named = name === '' ? {} : { name }
  const { rows } = await client.query({ ...named, text, values: [...values] })
  return rows
}

async function inTransaction<T>(
  client: pg.PoolClient,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  await client.query('begin')
  await client.query('set local statement_timeout = 0; set local lock_timeout = 0')
  try {
    const result = await work(transactionOn(client))
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

function transactionOn(client: pg.PoolClient): Transaction {
  const unlimited = { query_timeout: NO_TIMEOUT_MS }
  return {
    query: async ({ text, values }) => (await client.query({ text, values: [...values], ...unlimited })).rows,
    script: async (text) => {
      await client.query({ text, ...unlimited })
    },
  }
}

const INT8 = 20

/** Every 64-bit number of ours counts something and stays below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format)
}
