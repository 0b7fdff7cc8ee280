/**
 * A map that is made with its first entry and given up with its last: for what most connections never have, of which
 * each of them would keep an empty one. An empty `Map` takes 184 bytes, this 32.
 */
export class LazyMap<K, V> {
  #entries: Map<K, V> | undefined

  get size(): number {
    return this.#entries?.size ?? 0
  }

  get(key: K): V | undefined {
    return this.#entries?.get(key)
  }

  has(key: K): boolean {
    return this.#entries?.has(key) ?? false
  }

  set(key: K, value: V): void {
    this.#entries ??= new Map()
    this.#entries.set(key, value)
  }

  /** @returns whether it was there. */
  delete(key: K): boolean {
    if (this.#entries?.delete(key) !== true) return false
    if (this.#entries.size === 0) this.#entries = undefined
    return true
  }

  clear(): void {
    this.#entries = undefined
  }

  keys(): Iterable<K> {
    return this.#entries?.keys() ?? []
  }

  /** In the order in which they came. */
  [Symbol.iterator](): Iterator<[K, V]> {
    return (this.#entries ?? new Map<K, V>()).entries()
  }
}
