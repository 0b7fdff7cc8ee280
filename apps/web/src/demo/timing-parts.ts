import type { Measurement } from './latency-journal.ts'

/** Where a message's time went, in milliseconds. */
export type TimingParts = { edge: number; commit: number; ledger: number; wire: number }

/**
 * The parts of a measured time. The server tells its own (acceptance, commit, ledger); what is left is the way there
 * and back and the drawing. `null` when the server told nothing.
 */
export function timingParts({ totalMs, timing }: Measurement): TimingParts | null {
  if (timing === null) return null
  const onServerMs = timing.edgeMs + timing.commitMs + timing.ledgerMs
  // Browsers round their clocks: a part may then seem longer than the whole.
  const scale = onServerMs > totalMs ? totalMs / onServerMs : 1
  return {
    edge: timing.edgeMs * scale,
    commit: timing.commitMs * scale,
    ledger: timing.ledgerMs * scale,
    wire: Math.max(0, totalMs - onServerMs),
  }
}
