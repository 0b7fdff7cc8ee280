import type { Latencies } from '../measure/percentiles.ts'
import type { LinePlot } from './line-plot.ts'

/** How long things take by the size of what they are done to: p50 of each. @param times by size, by what is done. */
export function growthPlot(
  { name, title, label }: { name: string; title: string; label: string },
  times: ReadonlyMap<string, ReadonlyMap<number, Latencies>>,
): LinePlot {
  return {
    ...{ kind: 'lines', name, title, x: { label, isLog: true }, y: { label: 'ms (p50)', isLog: false } },
    series: [...times].map(([done, bySize]) => ({
      name: done,
      points: [...bySize].map(([size, { p50 }]) => [size, p50] as const),
    })),
  }
}
