import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownOf, type Report } from './markdown.ts'
import { timelineSvg } from './timeline-svg.ts'

/** Writes the report for people, the figures for programs, and the picture. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(join(folder, 'images'), { recursive: true })
  writeFileSync(join(folder, 'CHAOS.md'), markdownOf(report))
  writeFileSync(join(folder, 'chaos.json'), `${JSON.stringify(report, null, 1)}\n`)
  writeFileSync(join(folder, 'images/chaos.svg'), timelineSvg(report.results))
}
