/**
 * The order in which one connection's events about one thing (a room) take effect. Sends run beside each other, because
 * their order is made where they are queued for commit; everything else waits for what came before it and is waited
 * for. So join → send → leave happen in that order, and a hundred sends still share commits.
 */
export class EventOrder {
  /** Made with the first event: most connections listen. */
  #lanes: Map<string, Lane> | undefined

  /** Runs after everything of this key that came before, and before everything that comes later. */
  alone<T>(key: string, run: () => Promise<T>): Promise<T> {
    const lane = this.#lane(key)
    const before = lane.gate === undefined ? [...lane.beside] : [lane.gate, ...lane.beside]
    const result = before.length === 0 ? run() : Promise.all(before).then(run)
    const over = ended(result).then(() => {
      if (lane.gate === over) lane.gate = undefined
      this.#tidy(key, lane)
    })
    lane.gate = over
    lane.beside.clear()
    return result
  }

  /** Runs after everything of this key that runs alone and came before, beside others; started in the order of calls. */
  besideOthers<T>(key: string, run: () => Promise<T>): Promise<T> {
    const lane = this.#lane(key)
    const result = lane.gate === undefined ? run() : lane.gate.then(run)
    const over = ended(result).then(() => {
      lane.beside.delete(over)
      this.#tidy(key, lane)
    })
    lane.beside.add(over)
    return result
  }

  #lane(key: string): Lane {
    this.#lanes ??= new Map()
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    const lane: Lane = { gate: undefined, beside: new Set() }
    this.#lanes.set(key, lane)
    return lane
  }

  #tidy(key: string, lane: Lane): void {
    if (lane.gate !== undefined || lane.beside.size > 0 || this.#lanes?.get(key) !== lane) return
    this.#lanes.delete(key)
    if (this.#lanes.size === 0) this.#lanes = undefined
  }
}

type Lane = {
  /** The last one that runs alone, until it is over. */
  gate: Promise<void> | undefined
  /** Those that came after it and run beside each other. */
  beside: Set<Promise<void>>
}

function ended(result: Promise<unknown>): Promise<void> {
  return result.then(ignore, ignore)
}

function ignore(): void {}
