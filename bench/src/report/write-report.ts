import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flamePlotSvg } from './flame-plot.ts'
import { imageOf } from './image-name.ts'
import { readKept } from './kept-results.ts'
import { linePlotSvg } from './line-plot.ts'
import { markdownOf } from './markdown.ts'
import type { Plot, Result } from './result.ts'
import { stackPlotSvg } from './stack-plot.ts'

/** Writes the report for people from everything that was kept, of other days too. */
export function writeReport(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'BENCHMARKS.md'), markdownOf(readKept(folder)))
}

/** Draws what was kept anew; calls in a flame graph are not, so those pictures stay as they are. */
export function drawKept(folder: string): void {
  for (const result of readKept(folder).results) {
    drawPlots({ ...result, plots: result.plots.filter(({ kind }) => kind !== 'flame') }, folder)
  }
}

/** A picture may be shown without the words beside it: one that proves nothing says so itself. */
export function drawPlots({ plots, voidBecause }: Result, folder: string): void {
  mkdirSync(join(folder, 'images'), { recursive: true })
  for (const plot of plots) {
    const title = voidBecause.length > 0 ? `Void: ${plot.title}` : plot.title
    writeFileSync(join(folder, 'images', imageOf(plot)), svgOf({ ...plot, title }))
  }
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
