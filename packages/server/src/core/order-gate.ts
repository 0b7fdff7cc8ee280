export type OrderGateLimits = {
  /** How long a message waits for those before it. */
  readonly gapWaitMs: number
  /** With this many waiting the gap counts as lost at once. */
  readonly maxHeld: number
}

/** Places of a room that did not arrive: after `afterSeq`, before `beforeSeq`. */
export type Gap = { readonly afterSeq: number; readonly beforeSeq: number }

/**
 * Lets a room's messages through once each and in order of seq, however they arrive. Two nodes commit into a room at
 * the same time and their frames may come reversed; a frame may be lost. A message that arrives too early waits; when
 * the gap before it does not close in time, the caller reads the missing ones from the database and fills it.
 */
export class OrderGate<M extends { readonly seq: number }> {
  readonly #limits: OrderGateLimits
  /** In order of arrival, so the first one waits the longest. */
  readonly #held = new Map<number, { message: M; sinceMs: number }>()
  #passedSeq: number

  /** @param headSeq the room's head when the stream begins: messages up to it are history. */
  constructor(headSeq: number, limits: OrderGateLimits) {
    this.#passedSeq = headSeq
    this.#limits = limits
  }

  /** The last seq that was let through. */
  get passedSeq(): number {
    return this.#passedSeq
  }

  /** Whether this place was let through or waits already: the same message again is no new one. */
  hasTaken(seq: number): boolean {
    return seq <= this.#passedSeq || this.#held.has(seq)
  }

  /** When `lostGap` will have something; `undefined` while no message waits. */
  get dueAtMs(): number | undefined {
    const [oldest] = this.#held.values()
    return oldest === undefined ? undefined : oldest.sinceMs + this.#limits.gapWaitMs
  }

  /** @returns the messages that may go out now, in order; none when this one was there before or has to wait. */
  accept(message: M, nowMs: number): M[] {
    const { seq } = message
    if (this.hasTaken(seq)) return []
    if (seq > this.#passedSeq + 1) {
      this.#held.set(seq, { message, sinceMs: nowMs })
      return []
    }
    this.#passedSeq = seq
    return [message, ...this.#passHeld()]
  }

  /** @returns the gap that was waited for long enough, to be read from the database and filled. */
  lostGap(nowMs: number): Gap | undefined {
    const { dueAtMs } = this
    if (dueAtMs === undefined) return undefined
    if (nowMs < dueAtMs && this.#held.size < this.#limits.maxHeld) return undefined
    return { afterSeq: this.#passedSeq, beforeSeq: Math.min(...this.#held.keys()) }
  }

  /**
   * @param readUpToSeq every message up to here that the database holds is among `messages`: what is not is gone for
   * good (purged) and nobody waits for it any more.
   * @returns the messages that may go out now, in order.
   */
  fill(messages: readonly M[], readUpToSeq: number): M[] {
    const passed: M[] = []
    const inOrder = messages.toSorted((a, b) => a.seq - b.seq)
    for (const message of inOrder) {
      if (message.seq <= this.#passedSeq || message.seq > readUpToSeq) continue
      this.#passedSeq = message.seq
      passed.push(message)
    }
    this.#passedSeq = Math.max(this.#passedSeq, readUpToSeq)
    for (const seq of this.#held.keys()) if (seq <= this.#passedSeq) this.#held.delete(seq)
    return passed.concat(this.#passHeld())
  }

  #passHeld(): M[] {
    const passed: M[] = []
    for (let next = this.#held.get(this.#passedSeq + 1); next !== undefined; ) {
      this.#passedSeq += 1
      this.#held.delete(this.#passedSeq)
      passed.push(next.message)
      next = this.#held.get(this.#passedSeq + 1)
    }
    return passed
  }
}
