export type CoalescerLimits = {
  /** How long after something left the next one waits for company. */
  readonly delayMs: number
  /** This many waiting updates leave at once, whatever the time. */
  readonly maxBatch: number
}

/**
 * Makes few frames of many updates: the first leaves at once, what follows within `delayMs` leaves as one when the
 * delay is over. An update waits `delayMs` at most, and never behind a quiet time. Pure: it says what leaves and when
 * to ask again; clocks and timers are the caller's.
 */
export class Coalescer<T> {
  readonly #limits: CoalescerLimits
  readonly #merge: (held: T, next: T) => T
  #held: { update: T; count: number } | undefined
  #quietFromMs = Number.NEGATIVE_INFINITY

  /** @param merge makes one update of two; the later one wins wherever they speak of the same. */
  constructor(limits: CoalescerLimits, merge: (held: T, next: T) => T) {
    this.#limits = limits
    this.#merge = merge
  }

  /** When `due` will have something; `undefined` while nothing waits. */
  get dueAtMs(): number | undefined {
    return this.#held === undefined ? undefined : this.#quietFromMs
  }

  /**
   * @param options.urgent takes everything along that waits: reading is never delayed, and never overtaken either.
   * @returns what leaves now; `undefined` when the update waits until `dueAtMs`.
   */
  offer(update: T, options: { nowMs: number; urgent: boolean }): T | undefined {
    const { nowMs, urgent } = options
    const held = this.#held
    this.#held =
      held === undefined
        ? { update, count: 1 }
        : { update: this.#merge(held.update, update), count: held.count + 1 }
    if (urgent || this.#held.count >= this.#limits.maxBatch) return this.#release(nowMs)
    return this.due(nowMs)
  }

  /** @returns what has waited long enough. */
  due(nowMs: number): T | undefined {
    // A clock that went back would hold an update for as long as it went back.
    const isDue = nowMs >= this.#quietFromMs || nowMs < this.#quietFromMs - this.#limits.delayMs
    return isDue ? this.#release(nowMs) : undefined
  }

  #release(nowMs: number): T | undefined {
    const held = this.#held
    if (held === undefined) return undefined
    this.#held = undefined
    this.#quietFromMs = nowMs + this.#limits.delayMs
    return held.update
  }
}
