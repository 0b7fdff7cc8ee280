/**
 * Which of a room's changes have come by: it tells a room in which something got lost from one in which nothing did,
 * without asking anybody. Holds only what lies above the first hole.
 */
export class ChangeTrack {
  #completeTo: number
  /** Changes above it that came by. */
  readonly #seen = new Set<number>()

  /** @param change the room's at the moment from which on its changes come by. */
  constructor(change: number) {
    this.#completeTo = change
  }

  /** Every change up to here came by. */
  get completeTo(): number {
    return this.#completeTo
  }

  saw(change: number): void {
    if (change <= this.#completeTo) return
    this.#seen.add(change)
    while (this.#seen.delete(this.#completeTo + 1)) this.#completeTo += 1
  }

  hasSeen(change: number): boolean {
    return change <= this.#completeTo || this.#seen.has(change)
  }

  /** Whether something up to this change did not come by. */
  isBehind(change: number): boolean {
    return change > this.#completeTo
  }

  /** The last one up to this change that did not come by and is not accounted for otherwise. */
  lastMissing(upTo: number, accountedFor: ReadonlySet<number>): number | undefined {
    let change = upTo
    while (change > this.#completeTo && (this.#seen.has(change) || accountedFor.has(change))) change -= 1
    return change > this.#completeTo ? change : undefined
  }

  /** Everything up to here was looked up. */
  complete(change: number): void {
    this.#completeTo = Math.max(this.#completeTo, change)
    for (const seen of this.#seen) if (seen <= this.#completeTo) this.#seen.delete(seen)
    while (this.#seen.delete(this.#completeTo + 1)) this.#completeTo += 1
  }
}
