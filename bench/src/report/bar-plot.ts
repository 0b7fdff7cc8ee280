import type { StackPlot } from './stack-plot.ts'

/** One figure of each, for comparing. @param strong those that stand out, by name. */
export function barPlot(
  named: Pick<StackPlot, 'name' | 'title' | 'label'> & { strong?: string[] },
  values: readonly (readonly [name: string, value: number])[],
): StackPlot {
  const bars = values.map(([name, value]) => ({ name, values: [value] }))
  return { kind: 'stack', ...named, parts: [named.label], bars }
}
