import type { DeliveredTo } from '../store/delivered.ts'

export type UnstoredDeliveriesOptions = {
  /** @throws what the database fails with. */
  store: (delivered: readonly DeliveredTo[]) => Promise<void>
  /** Rows to remember while the database is away; what comes beyond is told by the devices again when they come back. */
  max: number
}

/** Rows per statement: between two of them the database answers others. */
const ROWS_AT_ONCE = 500

/**
 * What devices have and the database does not know yet. The rooms were told at once; storing waits, so that a stream of
 * messages costs one write per reader and some seconds. What dies with the node the devices tell again, to the next one.
 */
export class UnstoredDeliveries {
  readonly #options: UnstoredDeliveriesOptions
  readonly #waiting = new Map<string, DeliveredTo>()

  constructor(options: UnstoredDeliveriesOptions) {
    this.#options = options
  }

  note(delivered: DeliveredTo): void {
    const key = keyOf(delivered)
    const known = this.#waiting.get(key)
    if (known === undefined ? this.#waiting.size >= this.#options.max : known.seq >= delivered.seq) return
    this.#waiting.set(key, delivered)
  }

  /** @throws what the database fails with; what could not be stored is kept for the next time. */
  async store(): Promise<void> {
    const waiting = [...this.#waiting.values()]
    for (let first = 0; first < waiting.length; first += ROWS_AT_ONCE) {
      const rows = waiting.slice(first, first + ROWS_AT_ONCE)
      await this.#options.store(rows)
      for (const row of rows) {
        const key = keyOf(row)
        if (this.#waiting.get(key) === row) this.#waiting.delete(key)
      }
    }
  }
}

// No id contains a line break.
function keyOf({ roomId, userId }: DeliveredTo): string {
  return `${roomId}\n${userId}`
}
