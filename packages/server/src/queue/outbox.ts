export type OutboxOptions = {
  markDone: (outboxIds: readonly string[]) => Promise<void>
  /** Done-marks are written together: one statement for what came within this time. */
  flushAfterMs: number
  onError: (error: unknown) => void
}

/**
 * The end of an outbox row's life: it is done once the ledger acknowledged its merge. Marks are batched, because a
 * lost mark costs a repeated merge (harmless) while a write per message would cost throughput.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #pending: string[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** The ledger holds what this row says. */
  done(outboxId: string): void {
    this.#pending.push(outboxId)
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.flushAfterMs)
  }

  /** Writes the marks that are still waiting. */
  async close(): Promise<void> {
    this.#flush()
    await this.#writing
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const ids = this.#pending
    if (ids.length === 0) return
    this.#pending = []
    this.#writing = this.#writing.then(() => this.#options.markDone(ids)).catch(this.#options.onError)
  }
}
