import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownOf, type Report } from './markdown.ts'
import { timelineSvg } from './timeline-svg.ts'

/** Writes the report for people, the figures for programs, and the picture. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(join(folder, 'images'), { recursive: true })
  writeFileSync(join(folder, 'CHAOS.md'), markdownOf(report))
  writeFileSync(join(folder, 'chaos.json'), `${JSON.stringify(withoutSteps(report), null, 2)}\n`)
  writeFileSync(join(folder, 'images/chaos.svg'), timelineSvg(report.results))
}

/** Quarter by quarter of a second it is in the picture. */
function withoutSteps(report: Report): object {
  const results = report.results.map(({ timeline: { steps: _, ...timeline }, ...result }) => ({
    ...result,
    timeline,
  }))
  return { ...report, results }
}
