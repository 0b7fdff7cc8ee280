/** Sorted samples answer any percentile exactly; a run of a minute at thousands a second is small enough to keep whole. */
export type Latencies = { count: number; p50: number; p90: number; p99: number; max: number }

/** @param samplesMs latencies in milliseconds, in any order. */
export function latencies(samplesMs: readonly number[]): Latencies {
  const sorted = Float64Array.from(samplesMs).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

/** The middle one of an odd number of rounds, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return (upper + lower) / 2
}

/** The lowest and the highest of the rounds, in their own unit. */
export function spread(values: readonly number[]): string {
  const one = (value: number): string =>
    value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
  return `${one(Math.min(...values))} – ${one(Math.max(...values))}`
}
