export type RateLimit = {
  /** What holds in the long run. */
  readonly perSecond: number
  /** How much may come at once after a quiet time. */
  readonly burst: number
}

export type RateAnswer = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number }

/** Tokens of one key as of a moment. */
type Bucket = { tokens: number; atMs: number }

const TAKEN: RateAnswer = { ok: true }

/** How many keys each call looks at: more than it can create, so that full buckets cannot pile up. */
const LOOKED_AT_PER_CALL = 2

/**
 * Token buckets, one per key (a person, a connection, an address). A bucket that is full again says nothing, so it is
 * forgotten: memory is bounded by who was active within the time of one burst. Time comes in; a clock that goes back
 * gives nothing and takes nothing.
 */
export class TokenBuckets {
  readonly #limit: RateLimit
  readonly #buckets = new Map<string, Bucket>()
  #hand = this.#buckets.entries()

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /**
   * Takes `cost` tokens of the key, or none: a refused request costs nothing, so who keeps asking is not shut out for
   * ever. More than `burst` at once is never granted.
   */
  take(key: string, nowMs: number, cost = 1): RateAnswer {
    this.#forgetFull(nowMs)
    const bucket = this.#buckets.get(key) ?? this.#begin(key, nowMs)
    this.#refill(bucket, nowMs)
    if (bucket.tokens >= cost) {
      bucket.tokens -= cost
      return TAKEN
    }
    return { ok: false, retryAfterMs: Math.ceil(((cost - bucket.tokens) / this.#limit.perSecond) * 1_000) }
  }

  /** The key is gone for good (a closed connection). */
  forget(key: string): void {
    this.#buckets.delete(key)
  }

  #begin(key: string, nowMs: number): Bucket {
    const bucket = { tokens: this.#limit.burst, atMs: nowMs }
    this.#buckets.set(key, bucket)
    return bucket
  }

  #refill(bucket: Bucket, nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - bucket.atMs)
    bucket.tokens = Math.min(this.#limit.burst, bucket.tokens + (elapsedMs / 1_000) * this.#limit.perSecond)
    bucket.atMs = nowMs
  }

  #forgetFull(nowMs: number): void {
    for (let looked = 0; looked < LOOKED_AT_PER_CALL; looked += 1) {
      const next = this.#hand.next()
      if (next.done === true) {
        this.#hand = this.#buckets.entries()
        return
      }
      const [key, bucket] = next.value
      this.#refill(bucket, nowMs)
      if (bucket.tokens >= this.#limit.burst) this.#buckets.delete(key)
    }
  }
}
