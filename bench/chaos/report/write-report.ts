import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PhaseResult } from '../run-phase.ts'
import { markdownOf, type Report } from './markdown.ts'
import { timelineSvg } from './timeline-svg.ts'

type Run = Omit<Report, 'results'> & { results: readonly PhaseResult[] }

/**
 * Writes the figures for programs and the picture, and the report for people anew: a run with many people and one through
 * everything have figures of their own, and share that.
 */
export function writeReport(report: Run, folder: string): void {
  const name = report.options.isFull ? 'chaos-full' : 'chaos'
  mkdirSync(join(folder, 'images'), { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(withoutSteps(report), null, 2)}\n`)
  writeFileSync(join(folder, `images/${name}.svg`), timelineSvg(report.results))
  const [all, full] = ['chaos.json', 'chaos-full.json'].map((file) => readReport(join(folder, file)))
  writeFileSync(join(folder, 'CHAOS.md'), markdownOf({ all, full }))
}

function readReport(file: string): Report | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined
}

/** Quarter by quarter of a second it is in the picture. */
function withoutSteps(report: Run): object {
  const results = report.results.map(({ timeline: { steps: _, ...timeline }, ...result }) => ({
    ...result,
    timeline,
  }))
  return { ...report, results }
}
