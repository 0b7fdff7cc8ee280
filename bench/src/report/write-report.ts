import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flamePlotSvg } from './flame-plot.ts'
import { imageOf } from './image-name.ts'
import { linePlotSvg } from './line-plot.ts'
import { describeMachine } from './machine.ts'
import { markdownOf } from './markdown.ts'
import type { Plot, Result, Written } from './result.ts'
import { stackPlotSvg } from './stack-plot.ts'

/** Keeps the figures of one scenario, and draws its plots. */
export function writeResult(
  result: Result,
  { folder, tookSeconds }: { folder: string; tookSeconds: number },
): void {
  mkdirSync(join(folder, 'bench'), { recursive: true })
  mkdirSync(join(folder, 'images'), { recursive: true })
  const written: Written = {
    ...result,
    measuredAt: new Date().toISOString(),
    tookSeconds,
    machine: describeMachine(),
  }
  writeFileSync(join(folder, 'bench', `${result.scenario}.json`), `${JSON.stringify(written, kept, 1)}\n`)
  for (const plot of result.plots) writeFileSync(join(folder, 'images', imageOf(plot)), svgOf(plot))
}

/** @returns the figures of one scenario as they stand in the report; undefined when it has none. */
export function keptFigures(scenario: string, folder: string): unknown {
  return keptOf(scenario, folder)?.figures
}

/** @returns one scenario as it stands in the report; undefined when it was never measured. */
export function keptOf(scenario: string, folder: string): Written | undefined {
  const file = join(folder, 'bench', `${scenario}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Written) : undefined
}

/** Writes the report for people from the figures of all scenarios that were kept, those of other days too. */
export function writeReport(folder: string): void {
  mkdirSync(join(folder, 'bench'), { recursive: true })
  const files = readdirSync(join(folder, 'bench')).filter((name) => name.endsWith('.json'))
  const results = files.map(
    (name) => JSON.parse(readFileSync(join(folder, 'bench', name), 'utf8')) as Written,
  )
  writeFileSync(join(folder, 'BENCHMARKS.md'), markdownOf(results))
}

function svgOf(plot: Plot): string {
  switch (plot.kind) {
    case 'lines':
      return linePlotSvg(plot)
    case 'stack':
      return stackPlotSvg(plot)
    case 'flame':
      return flamePlotSvg(plot)
  }
}

/** Figures to a thousandth: more is noise, and most of a file. A tree of calls is in its picture. */
function kept(key: string, value: unknown): unknown {
  if (key === 'root') return undefined
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : value
}
