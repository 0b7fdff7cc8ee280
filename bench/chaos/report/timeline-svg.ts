import { COLOURS, dots, escaped, picture, px, text } from '../../src/report/svg.ts'
import type { PhaseResult } from '../run-phase.ts'

const PANEL = { width: 520, height: 150, left: 46, top: 34, plotWidth: 460, plotHeight: 84 }
const COLUMNS = 2
const GAP = 16
const HEADER = 46
/** The scale of latencies is logarithmic: 1 ms at the bottom, 100 s at the top. */
const DECADES = 5

/**
 * One panel per fault: what was done when, and what it did to badges. Dots are the slowest badge of each quarter of a
 * second, by the moment of its commit; bars at the bottom are sends that were refused or had no answer.
 */
export function timelineSvg(results: readonly PhaseResult[]): string {
  const rows = Math.ceil(results.length / COLUMNS)
  const width = COLUMNS * PANEL.width + GAP
  const height = HEADER + rows * (PANEL.height + GAP)
  const panels = results.map((result, index) => {
    const x = (index % COLUMNS) * (PANEL.width + GAP)
    const y = HEADER + Math.floor(index / COLUMNS) * (PANEL.height + GAP)
    return `<g transform="translate(${x} ${y})">${panel(result)}</g>`
  })
  const title = 'What was killed when, and what badge latency did'
  const legend =
    'blue: slowest badge of each 250 ms (light: the median) from its commit, 1 ms to 100 s, logarithmic; shaded: the fault; red bars: sends refused or without an answer'
  return picture({
    width,
    height,
    title,
    parts: [
      text(8, 18, title, { size: 14, weight: 600 }),
      text(8, 35, legend, { fill: COLOURS.soft }),
      ...panels,
    ],
  })
}

function panel(result: PhaseResult): string {
  const { fault, broken, timeline } = result
  const endMs = Math.max(1, ...timeline.steps.map(({ atMs }) => atMs), ...timeline.faultMs)
  const x = (atMs: number): number =>
    PANEL.left + (Math.min(Math.max(atMs, 0), endMs) / endMs) * PANEL.plotWidth
  const y = (ms: number): number =>
    PANEL.top + PANEL.plotHeight * (1 - Math.min(1, Math.max(0, Math.log10(Math.max(1, ms)) / DECADES)))
  const bottom = PANEL.top + PANEL.plotHeight
  const [from, until] = timeline.faultMs
  const parts = [
    text(8, 16, fault, { size: 12, weight: 600 }),
    text(PANEL.width - 8, 16, broken.length === 0 ? 'kept' : 'BROKEN', {
      fill: broken.length === 0 ? COLOURS.soft : COLOURS.warn,
      anchor: 'end',
    }),
    `<rect x="${px(x(from))}" y="${PANEL.top}" width="${px(Math.max(2, x(until) - x(from)))}" height="${PANEL.plotHeight}" fill="${COLOURS.warnPale}"/>`,
    ...axis(endMs, { x, y, bottom }),
    ...timeline.marks.map(({ atMs, text: what }) => {
      const line = `<line x1="${px(x(atMs))}" x2="${px(x(atMs))}" y1="${PANEL.top - 4}" y2="${bottom}" stroke="${COLOURS.warn}" stroke-width="0.8"/>`
      return `<g>${line}<title>${escaped(`${what}, ${(atMs / 1_000).toFixed(1)} s`)}</title></g>`
    }),
    markLine(timeline.marks),
    dots(
      timeline.steps.flatMap(({ atMs, gapP50Ms }) =>
        gapP50Ms === undefined ? [] : [[x(atMs), y(gapP50Ms)]],
      ),
      COLOURS.pale,
    ),
    dots(
      timeline.steps.flatMap(({ atMs, gapMaxMs }) =>
        gapMaxMs === undefined ? [] : [[x(atMs), y(gapMaxMs)]],
      ),
      COLOURS.accent,
    ),
    ...refusals(result, { x, bottom }),
  ]
  return parts.join('')
}

function axis(
  endMs: number,
  { x, y, bottom }: { x: (ms: number) => number; y: (ms: number) => number; bottom: number },
): string[] {
  const levels = [1, 10, 100, 1_000, 10_000, 100_000].map((ms) => {
    const name = ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`
    const at = px(y(ms))
    return `<line x1="${PANEL.left}" x2="${PANEL.left + PANEL.plotWidth}" y1="${at}" y2="${at}" stroke="${COLOURS.line}" stroke-width="0.5"/>${text(PANEL.left - 4, y(ms) + 3, name, { fill: COLOURS.soft, anchor: 'end', size: 9 })}`
  })
  const stepMs = endMs > 30_000 ? 10_000 : 5_000
  const times: string[] = []
  for (let atMs = 0; atMs <= endMs; atMs += stepMs) {
    times.push(
      text(x(atMs), bottom + 12, `${atMs / 1_000} s`, { fill: COLOURS.soft, anchor: 'middle', size: 9 }),
    )
  }
  return [...levels, ...times]
}

function refusals(
  { timeline }: PhaseResult,
  { x, bottom }: { x: (ms: number) => number; bottom: number },
): string[] {
  const most = Math.max(1, ...timeline.steps.map(({ refused, unanswered }) => refused + unanswered))
  return timeline.steps.flatMap(({ atMs, refused, unanswered }) => {
    const count = refused + unanswered
    if (count === 0) return []
    const height = 4 + (count / most) * 14
    return `<rect x="${px(x(atMs))}" y="${px(bottom - height)}" width="2.5" height="${px(height)}" fill="${COLOURS.warn}"><title>${refused} refused, ${unanswered} without an answer</title></rect>`
  })
}

/** What was done, in the order in which it was done. */
function markLine(marks: readonly { atMs: number; text: string }[]): string {
  const words = marks.map(({ atMs, text: what }) => `${(atMs / 1_000).toFixed(1)} s ${what}`)
  const line = words.join(' · ')
  const shown = line.length > 105 ? `${line.slice(0, 104)}…` : line
  return text(8, PANEL.height - 4, shown, { fill: COLOURS.warn, size: 9 })
}
