import type { Timing } from '@tally/protocol'

/** One message, from the moment it was sent until its badge was in the other person's page. Milliseconds. */
export type Measurement = { totalMs: number; timing: Timing | null }

type Entry = { sentAtMs: number; seq: number | null }

/**
 * Brings together what is known of a message in different places: when it was sent (by its clientId), which place it
 * got, when a badge was shown that counts it, and where the server says the time went. They come in any order.
 */
export class LatencyJournal {
  readonly #sent = new Map<string, Entry>()
  readonly #timings = new Map<number, Timing>()
  readonly #onMeasured: (measurement: Measurement) => void
  /** The newest message that a shown badge counts, and since when. */
  #shown: { seq: number; atMs: number }[] = []

  constructor(onMeasured: (measurement: Measurement) => void) {
    this.#onMeasured = onMeasured
  }

  sent({ clientId, atMs }: { clientId: string; atMs: number }): void {
    this.#sent.set(clientId, { sentAtMs: atMs, seq: null })
  }

  stored({ clientId, seq }: { clientId: string; seq: number }): void {
    const entry = this.#sent.get(clientId)
    if (entry === undefined || entry.seq !== null) return
    entry.seq = seq
    this.#settle()
  }

  /** A badge that counts everything up to `seq` is in the page. Frames of a burst leave messages out: it counts them too. */
  shown({ seq, atMs }: { seq: number; atMs: number }): void {
    if (seq <= (this.#shown.at(-1)?.seq ?? 0)) return
    this.#shown.push({ seq, atMs })
    if (this.#shown.length > KEPT) this.#shown.shift()
    this.#settle()
  }

  timed({ seq, timing }: { seq: number; timing: Timing }): void {
    this.#timings.set(seq, timing)
    if (this.#timings.size > KEPT)
      for (const [oldest] of [...this.#timings].slice(0, 1)) this.#timings.delete(oldest)
  }

  /** What is not measured yet never will be: it was read as it came, or a connection broke. */
  forget(): void {
    this.#sent.clear()
  }

  #settle(): void {
    for (const [clientId, { sentAtMs, seq }] of this.#sent) {
      if (seq === null) continue
      const shown = this.#shown.find((frame) => frame.seq >= seq)
      if (shown === undefined) continue
      this.#sent.delete(clientId)
      this.#onMeasured({
        totalMs: Math.max(0, shown.atMs - sentAtMs),
        timing: this.#timings.get(shown.seq) ?? null,
      })
    }
  }
}

const KEPT = 200
