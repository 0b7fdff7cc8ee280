/** Something told about one person: `rev` follows upon `since`, or upon nothing where that is 0. */
type Told = { readonly since: number; readonly rev: number }

/**
 * Puts what several nodes tell about one person in order of rev. Each tells what its own step of the ledger changed, and
 * they cross on the way: a total told before the rows of the step in front of it would not be the sum of what a device
 * shows. What comes too early waits for what it follows upon, but not for long: a frame may be lost.
 */
export class RevGate<T extends Told> {
  readonly #waitMs: number
  /** In order of arrival, so the first one waits the longest. */
  #held: { readonly told: T; readonly heldAtMs: number }[] = []
  #passedRev = 0

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** The highest rev that went on. */
  get passedRev(): number {
    return this.#passedRev
  }

  /** When `due` will have something; `undefined` while nothing waits. */
  get dueAtMs(): number | undefined {
    const [oldest] = this.#held
    return oldest === undefined ? undefined : oldest.heldAtMs + this.#waitMs
  }

  /**
   * From this rev on everything is told; before it is known everything waits that does not stand alone. Whoever knows
   * more already is not told again.
   * @returns what may go on now, in order.
   */
  begin(rev: number): T[] {
    if (this.#passedRev > 0) return []
    this.#passedRev = rev
    return this.#passHeld()
  }

  /** @returns what may go on now, in order. */
  accept(told: T, nowMs: number): T[] {
    if (told.since <= this.#passedRev) return this.#pass(told)
    this.#held.push({ told, heldAtMs: nowMs })
    return []
  }

  /** @returns what has waited long enough and all that follows upon it, in order. */
  due(nowMs: number): T[] {
    if (nowMs < (this.dueAtMs ?? Number.POSITIVE_INFINITY)) return []
    const first = this.#held.reduce((lowest, each) => (each.told.rev < lowest.told.rev ? each : lowest))
    this.#held = this.#held.filter((each) => each !== first)
    return [...this.#pass(first.told), ...this.due(nowMs)]
  }

  #pass(told: T): T[] {
    this.#passedRev = Math.max(this.#passedRev, told.rev)
    return [told, ...this.#passHeld()]
  }

  #passHeld(): T[] {
    const passed: T[] = []
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) {
      this.#passedRev = Math.max(this.#passedRev, next.rev)
      passed.push(next)
    }
    return passed
  }

  #takeNext(): T | undefined {
    const index = this.#held.findIndex(({ told }) => told.since <= this.#passedRev)
    return index < 0 ? undefined : this.#held.splice(index, 1)[0]?.told
  }
}
