import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { startPostgresCluster } from '../../../scripts/postgres-cluster.ts'
import { startRedisServer } from '../../../scripts/redis-server.ts'
import { cpuSecondsOf, cpuSecondsOfFamily, parentOf } from '../measure/process-figures.ts'

/** What a contestant may keep things in: empty, and gone afterwards. */
export type Storage = {
  databaseUrl: string
  redisUrl: string
  folder: string
  /** Where servers leave a profile of their processor time; none is made when absent. */
  profileFolder: string | undefined
}

/** What the names of databases begin with that this process lends. */
const DATABASES = `tally_bench_${process.pid}_`

/** Processor time used so far, in seconds. */
export type StorageSeconds = { database: number; redis: number }

/** What the databases were asked so far. */
export type StorageCalls = { transactions: number; redisCommands: number }

/** How often each statement ran, as it was put, without its values. */
export type Statements = ReadonlyMap<string, number>

/** Counts statements, once it is told to: see `countStatements`. */
const STATEMENT_COUNTER = 'pg_stat_statements'
/** Until one backend has heard of a change of settings, at most; and until all others have, once it has. */
const TOLD_DEADLINE_MS = 15_000
const TOLD_WITHIN_MS = 500

/** A PostgreSQL with fsync and synchronous_commit on, and a Redis. */
export class Storages {
  readonly #maintenance: pg.Pool
  readonly #redis: Redis
  readonly #postmaster: number
  readonly #redisPid: number
  readonly #url: string
  readonly #redisUrl: string
  readonly #profileFolder: string | undefined
  readonly #stop: () => Promise<void>
  #created = 0

  private constructor(parts: {
    maintenance: pg.Pool
    redis: Redis
    postmaster: number
    redisPid: number
    url: string
    redisUrl: string
    profileFolder: string | undefined
    stop: () => Promise<void>
  }) {
    this.#maintenance = parts.maintenance
    this.#redis = parts.redis
    this.#postmaster = parts.postmaster
    this.#redisPid = parts.redisPid
    this.#url = parts.url
    this.#redisUrl = parts.redisUrl
    this.#profileFolder = parts.profileFolder
    this.#stop = parts.stop
  }

  /**
   * BENCH_DATABASE_URL names a PostgreSQL to use, which loads `pg_stat_statements` and whose user is its superuser; else a
   * private one is started.
   */
  static async open({
    profileFolder,
    isShort,
  }: {
    profileFolder?: string | undefined
    isShort: boolean
  }): Promise<Storages> {
    const own = process.env.BENCH_DATABASE_URL
    const settings = { shared_preload_libraries: STATEMENT_COUNTER, min_wal_size: '1GB' }
    const cluster =
      own === undefined ? await startPostgresCluster(settings) : { url: own, stop: async () => {} }
    const server = await startRedisServer()
    const maintenance = new pg.Pool({ connectionString: cluster.url, max: 2 })
    const backend = await backendOf(maintenance)
    const storages = new Storages({
      maintenance,
      redis: new Redis(server.url),
      postmaster: (await parentOf(backend)) ?? 0,
      redisPid: server.pid,
      url: cluster.url,
      redisUrl: server.url,
      profileFolder,
      stop: async () => {
        await server.stop()
        await cluster.stop()
      },
    })
    await storages.countStatements(false)
    if (own === undefined && !isShort) await storages.#fillLog()
    return storages
  }

  /**
   * A server that has run for a while writes its log into files that it needs no more. A new one has to make and flush
   * 16 MB whenever a file is full, once a second under load, and every commit waits for it: this leaves it 1 GB of them.
   */
  async #fillLog(): Promise<void> {
    await this.#maintenance.query(
      `select pg_logical_emit_message(false, 'bench', repeat('-', 1048576)) from generate_series(1, 1100)`,
    )
    // What is older than the checkpoint before the last one is free.
    for (const _ of [1, 2]) await this.#maintenance.query('checkpoint')
  }

  /** Lends empty storage to a task and clears it away afterwards. */
  async lend<T>(task: (storage: Storage) => Promise<T>): Promise<T> {
    this.#created += 1
    const name = `${DATABASES}${this.#created}`
    await this.#maintenance.query(`create database ${name}`)
    await this.#redis.flushall()
    const folder = mkdtempSync(join(tmpdir(), 'tally-bench-'))
    const url = new URL(this.#url)
    url.pathname = `/${name}`
    try {
      const profileFolder = this.#profileFolder
      return await task({ databaseUrl: url.href, redisUrl: this.#redisUrl, folder, profileFolder })
    } finally {
      await this.#maintenance.query(`drop database if exists ${name} with (force)`)
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async seconds(): Promise<StorageSeconds> {
    const [database, redis] = await Promise.all([
      cpuSecondsOfFamily(this.#postmaster),
      cpuSecondsOf(this.#redisPid),
    ])
    return { database, redis }
  }

  /** Of the databases that were lent. Transactions of the last ten seconds may be missing: backends tell of them late. */
  async calls(): Promise<StorageCalls> {
    const { rows } = await this.#maintenance.query<{ count: number }>(
      `select coalesce(sum(xact_commit + xact_rollback), 0)::float8 as count from pg_stat_database
       where starts_with(datname, $1)`,
      [DATABASES],
    )
    const said = await this.#redis.info('stats')
    const redisCommands = Number(/^total_commands_processed:(\d+)/m.exec(said)?.[1])
    return { transactions: rows[0]?.count ?? Number.NaN, redisCommands }
  }

  /** Whether statements are counted: only where somebody looks at them, because it takes time. */
  async countStatements(isCounting: boolean): Promise<void> {
    await this.#maintenance.query(
      `alter system set ${STATEMENT_COUNTER}.track = ${isCounting ? 'top' : 'none'}`,
    )
    await this.#maintenance.query('select pg_reload_conf()')
    const deadlineMs = performance.now() + TOLD_DEADLINE_MS
    while ((await this.#isCounting()) !== isCounting) {
      if (performance.now() > deadlineMs)
        throw new Error(`PostgreSQL keeps ${STATEMENT_COUNTER}.track as it was: its command line may name it`)
      await delay(50)
    }
    await delay(TOLD_WITHIN_MS)
  }

  async #isCounting(): Promise<boolean> {
    const { rows } = await this.#maintenance.query<{ track: string }>(
      `select current_setting('${STATEMENT_COUNTER}.track') as track`,
    )
    return rows[0]?.track === 'top'
  }

  /** Of the databases that were lent, since they are counted: all that ended before this call. */
  async statements(): Promise<Statements> {
    const { rows } = await this.#maintenance.query<{ query: string; calls: number }>(
      `select query, sum(calls)::float8 as calls
       from ${STATEMENT_COUNTER} join pg_database on pg_database.oid = dbid
       where starts_with(datname, $1) group by query`,
      [DATABASES],
    )
    return new Map(rows.map(({ query, calls }) => [query, calls]))
  }

  async redisBytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await this.#redis.info('memory'))?.[1])
  }

  async stop(): Promise<void> {
    await this.#maintenance.end()
    this.#redis.disconnect()
    await this.#stop()
  }
}

/** @returns the process of a backend. @throws Error when the PostgreSQL is set up so that it proves nothing. */
async function backendOf(maintenance: pg.Pool): Promise<number> {
  const { rows } = await maintenance.query<{ pid: number; isDurable: boolean; isCounting: boolean }>(
    `select pg_backend_pid() as pid,
       current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as "isDurable",
       current_setting('shared_preload_libraries') like '%${STATEMENT_COUNTER}%' as "isCounting"`,
  )
  if (rows[0]?.isDurable !== true)
    throw new Error('fsync and synchronous_commit have to be on: what is lost in a crash proves nothing')
  if (!rows[0].isCounting) throw new Error(`shared_preload_libraries has to name ${STATEMENT_COUNTER}`)
  await maintenance.query(`create extension if not exists ${STATEMENT_COUNTER}`)
  return rows[0].pid
}
