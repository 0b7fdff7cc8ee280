import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PhaseResult } from '../run-phase.ts'
import { markdownOf, type Report } from './markdown.ts'
import { timelineSvg } from './timeline-svg.ts'

type Run = Omit<Report, 'results'> & { results: readonly PhaseResult[] }

/**
 * Writes the figures for programs and the picture, and the report for people anew: one through everything and those with
 * many people, by their number of nodes, have figures of their own, and share that.
 */
export function writeReport(report: Run, folder: string): void {
  const { isFull, nodes } = report.options
  const name = isFull ? `chaos-full-${nodes}` : 'chaos'
  mkdirSync(join(folder, 'images'), { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(figuresOf(report), null, 2)}\n`)
  writeFileSync(join(folder, `images/${name}.svg`), timelineSvg(report.results))
  const full = readdirSync(folder)
    .filter((file) => /^chaos-full-\d+\.json$/.test(file))
    .sort()
    .map((file) => readReport(join(folder, file)))
  const all = join(folder, 'chaos.json')
  writeFileSync(
    join(folder, 'CHAOS.md'),
    markdownOf({ all: existsSync(all) ? readReport(all) : undefined, full }),
  )
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report
}

/** Where it was written is nobody's business, and what happened quarter by quarter of a second is in the picture. */
function figuresOf(report: Run): object {
  const { reportFolder: _, ...options } = report.options
  const results = report.results.map(({ timeline: { steps: _, ...timeline }, ...result }) => ({
    ...result,
    timeline,
  }))
  return { ...report, options, results }
}
