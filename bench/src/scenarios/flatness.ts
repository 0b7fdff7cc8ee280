import { median } from '../measure/percentiles.ts'

/** By how much the slowest of some sizes is slower than the smallest size: 0 when it is not. */
export function growthOf(bySize: ReadonlyMap<number, readonly number[]>): number {
  const [first = Number.NaN, ...others] = [...bySize.values()].map((times) => median(times))
  return Math.max(first, ...others) / first - 1
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}
