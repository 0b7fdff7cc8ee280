import type { OpenedRedis } from '../redis/open-redis.ts'
import type { LedgerStats } from './ledger.ts'

export type RedisLedgerStatsOptions = {
  readonly redis: OpenedRedis
  readonly prefix: string
  /** A count is given again, by all nodes, until it is this old; 0 counts every time. */
  readonly maxAgeMs: number
  readonly count: () => Promise<LedgerStats>
}

/**
 * What the keys of all nodes hold. Counting walks through all key names, so of all nodes one does it once in `maxAgeMs`,
 * and leaves the answer for the others; they get the last one while it counts.
 */
export class RedisLedgerStats {
  readonly #options: RedisLedgerStatsOptions
  readonly #key: string
  #known: { readonly atMs: number; readonly value: Promise<LedgerStats> } | undefined

  constructor(options: RedisLedgerStatsOptions) {
    this.#options = options
    this.#key = `${options.prefix}{0}:stats`
  }

  /** @throws what the connection fails with. */
  get(): Promise<LedgerStats> {
    const { maxAgeMs, count } = this.#options
    if (maxAgeMs === 0) return count()
    const nowMs = performance.now()
    if (this.#known === undefined || nowMs - this.#known.atMs >= maxAgeMs) {
      const value = this.#shared()
      this.#known = { atMs: nowMs, value }
      // What failed is no answer to give again.
      value.catch(() => {
        this.#known = undefined
      })
    }
    return this.#known.value
  }

  async #shared(): Promise<LedgerStats> {
    const { redis, maxAgeMs, count } = this.#options
    const [left, leftMs] = await Promise.all([redis.client.get(this.#key), redis.client.pttl(this.#key)])
    // Kept for twice as long as it is young.
    const isYoung = leftMs > maxAgeMs
    if (left !== null && (isYoung || !(await this.#claim()))) return JSON.parse(left) as LedgerStats
    const stats = await count()
    await redis.client.set(this.#key, JSON.stringify(stats), 'PX', 2 * maxAgeMs)
    return stats
  }

  async #claim(): Promise<boolean> {
    const { redis, maxAgeMs } = this.#options
    return (await redis.client.set(`${this.#key}:claim`, '', 'PX', maxAgeMs, 'NX')) === 'OK'
  }
}
