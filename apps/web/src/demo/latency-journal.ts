import type { Timing } from '@tally/protocol'

/** From the moment messages were sent until the badge that counts them was in the other person's page. Milliseconds. */
export type Measurement = {
  totalMs: number
  /** 1, unless it is a burst. */
  messages: number
  /** The server's part, and how long the page needed once the frame was there; `null` when the server told nothing. */
  trace: { timing: Timing; shownMs: number } | null
}

type Entry = { sentAtMs: number; messages: number; seq: number | null }

/**
 * Brings together what is known of a message in different places: when it was sent (by its clientId), which place it
 * got, when a badge was shown that counts it, and where the server says the time went. They come in any order.
 */
export class LatencyJournal {
  readonly #sent = new Map<string, Entry>()
  readonly #traces = new Map<number, { timing: Timing; receivedAtMs: number }>()
  readonly #onMeasured: (measurement: Measurement) => void
  /** The newest message that a shown badge counts, and since when. */
  #shown: { seq: number; atMs: number }[] = []

  constructor(onMeasured: (measurement: Measurement) => void) {
    this.#onMeasured = onMeasured
  }

  /** @param messages how many were sent from `atMs` on, of which this one is the last. */
  sent({ clientId, atMs, messages = 1 }: { clientId: string; atMs: number; messages?: number }): void {
    this.#sent.set(clientId, { sentAtMs: atMs, messages, seq: null })
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

  /** The frame of such a badge came. */
  traced({ seq, timing, receivedAtMs }: { seq: number; timing: Timing; receivedAtMs: number }): void {
    this.#traces.set(seq, { timing, receivedAtMs })
    if (this.#traces.size > KEPT)
      for (const [oldest] of [...this.#traces].slice(0, 1)) this.#traces.delete(oldest)
  }

  /** What is not measured yet never will be: it was read as it came, or a connection broke. */
  forget(): void {
    this.#sent.clear()
  }

  #settle(): void {
    for (const [clientId, { sentAtMs, messages, seq }] of this.#sent) {
      if (seq === null) continue
      const shown = this.#shown.find((frame) => frame.seq >= seq)
      if (shown === undefined) continue
      this.#sent.delete(clientId)
      const trace = this.#traces.get(shown.seq)
      this.#onMeasured({
        totalMs: Math.max(0, shown.atMs - sentAtMs),
        messages,
        trace:
          trace === undefined
            ? null
            : { timing: trace.timing, shownMs: Math.max(0, shown.atMs - trace.receivedAtMs) },
      })
    }
  }
}

const KEPT = 200
