/** The latest measurements, and what they say together. */
export type LatencyStats = {
  count: number
  lastMs: number | null
  p50Ms: number | null
  p99Ms: number | null
  /** The latest of them, oldest first. */
  recentMs: readonly number[]
}

export const NO_LATENCY: LatencyStats = { count: 0, lastMs: null, p50Ms: null, p99Ms: null, recentMs: [] }

/** So many are drawn. */
export const RECENT = 40

/** @param valuesMs every measurement so far, in the order they were made */
export function latencyStats(valuesMs: readonly number[]): LatencyStats {
  const sorted = valuesMs.toSorted((a, b) => a - b)
  return {
    count: valuesMs.length,
    lastMs: valuesMs.at(-1) ?? null,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    recentMs: valuesMs.slice(-RECENT),
  }
}

/** The smallest value that `share` of all values do not exceed (nearest rank): always a value that was measured. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
