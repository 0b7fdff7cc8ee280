/** What an item carries to be in a `RecencyList`. */
export type RecencyLinks<T> = { newer: T | null; older: T | null }

/**
 * Items by when they were last touched, newest first. Touching costs the same however many there are, and reading the
 * newest few costs as much as they are few: a user in 10,000 rooms must not pay for the 9,999 that did not change.
 */
export class RecencyList<T extends RecencyLinks<T>> {
  #newest: T | null = null

  get newest(): T | null {
    return this.#newest
  }

  /** Makes the item the newest, whether it was in the list or not. */
  touch(item: T): void {
    if (this.#newest === item) return
    if (item.newer !== null) {
      item.newer.older = item.older
      if (item.older !== null) item.older.newer = item.newer
    }
    item.newer = null
    item.older = this.#newest
    if (this.#newest !== null) this.#newest.newer = item
    this.#newest = item
  }

  /** Empties the list. */
  clear(): void {
    for (let item = this.#newest; item !== null; ) {
      const next: T | null = item.older
      item.newer = null
      item.older = null
      item = next
    }
    this.#newest = null
  }
}
