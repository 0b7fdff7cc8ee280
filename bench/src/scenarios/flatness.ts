import type { Latencies } from '../measure/percentiles.ts'
import type { Bar } from '../report/result.ts'

/** How long something takes, by the size of what it is done to. */
export type BySize = ReadonlyMap<number, Latencies>

const FLAT = 0.2

/** By how much the slowest of some sizes is slower than the smallest size: 0 when it is not. */
function growthOf(bySize: BySize, of: 'p50' | 'p99'): number {
  const [first = Number.NaN, ...others] = [...bySize.values()].map((times) => times[of])
  return Math.max(first, ...others) / first - 1
}

/** Held by p50: of so few samples p99 is one of the slowest, and a single stall decides it; by how much it grows is said. */
export function flatBar(what: string, bySize: BySize): Bar {
  const growth = growthOf(bySize, 'p50')
  return {
    promise: `${what} flat within 20 % (that p50 alone decides is the bench’s own)`,
    measured: `p50 grows ${(growth * 100).toFixed(0)} %; p99 grows ${(growthOf(bySize, 'p99') + 1).toFixed(1)} ×`,
    held: growth <= FLAT,
  }
}
