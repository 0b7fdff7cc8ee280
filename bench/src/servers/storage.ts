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

/** PostgreSQL 15: a backend that does nothing tells of what it did after 10 s (IDLE_STATS_UPDATE_TIMEOUT), no later. */
const REPORTED_WITHIN_MS = 10_500

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

  /** BENCH_DATABASE_URL names a PostgreSQL to use (its user may create databases); else a private one is started. */
  static async open(profileFolder?: string): Promise<Storages> {
    const own = process.env.BENCH_DATABASE_URL
    const cluster = own === undefined ? await startPostgresCluster() : { url: own, stop: async () => {} }
    const server = await startRedisServer()
    const maintenance = new pg.Pool({ connectionString: cluster.url, max: 2 })
    const { rows } = await maintenance.query<{ pid: number; isDurable: boolean }>(
      `select pg_backend_pid() as pid,
         current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as "isDurable"`,
    )
    if (rows[0]?.isDurable !== true)
      throw new Error('fsync and synchronous_commit have to be on: what is lost in a crash proves nothing')
    return new Storages({
      maintenance,
      redis: new Redis(server.url),
      postmaster: (await parentOf(rows[0]?.pid ?? 0)) ?? 0,
      redisPid: server.pid,
      url: cluster.url,
      redisUrl: server.url,
      profileFolder,
      stop: async () => {
        await server.stop()
        await cluster.stop()
      },
    })
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

  /** Of the databases that were lent. What backends did lately may be missing: see `untilReported`. */
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

  /** Waits until every transaction that ended before this call is in `calls`. */
  async untilReported(): Promise<void> {
    await delay(REPORTED_WITHIN_MS)
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
