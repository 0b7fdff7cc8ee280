import type { Measurement } from './latency-journal.ts'

/** Where a message's time went, in milliseconds; together they are all of it. */
export type TimingParts = {
  /** On the server until it was stored, its acceptance included. */
  commit: number
  /** Until everybody's badge was counted. */
  ledger: number
  /** There and back. */
  wire: number
  /** From the frame's arrival until the badge was in the page. */
  shown: number
}

/** The parts of a measured time; `null` when the server told nothing of its own. */
export function timingParts({ totalMs, trace }: Measurement): TimingParts | null {
  if (trace === null) return null
  const { edgeMs, commitMs, ledgerMs } = trace.timing
  const shown = Math.min(totalMs, trace.shownMs)
  const onServerMs = edgeMs + commitMs + ledgerMs
  // Browsers round their clocks: a part may then seem longer than the whole.
  const scale = onServerMs > totalMs - shown ? (totalMs - shown) / onServerMs : 1
  return {
    commit: (edgeMs + commitMs) * scale,
    ledger: ledgerMs * scale,
    wire: Math.max(0, totalMs - shown - onServerMs),
    shown,
  }
}
