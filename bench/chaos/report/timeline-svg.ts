import type { PhaseResult } from '../run-phase.ts'

const PANEL = { width: 520, height: 150, left: 46, top: 34, plotWidth: 460, plotHeight: 84 }
const COLUMNS = 2
const GAP = 16
const HEADER = 46
/** The scale of latencies is logarithmic: 1 ms at the bottom, 100 s at the top. */
const DECADES = 5
const COLOURS = {
  text: '#2b2f36',
  soft: '#6b7280',
  line: '#d7dbe0',
  fault: '#fde9e4',
  mark: '#c2452d',
  max: '#2f6fde',
  median: '#9dbdf2',
  refused: '#c2452d',
}

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
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>What was killed when, and what badge latency did</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${text(8, 18, 'What was killed when, and what badge latency did', { size: 14, weight: 600 })}
${text(8, 35, 'blue: slowest badge of each 250 ms (light: the median) from its commit, 1 ms to 100 s, logarithmic; shaded: the fault; red bars: sends refused or without an answer', { fill: COLOURS.soft })}
${panels.join('\n')}
</svg>
`
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
      fill: broken.length === 0 ? COLOURS.soft : COLOURS.mark,
      anchor: 'end',
    }),
    `<rect x="${px(x(from))}" y="${PANEL.top}" width="${px(Math.max(2, x(until) - x(from)))}" height="${PANEL.plotHeight}" fill="${COLOURS.fault}"/>`,
    ...axis(endMs, { x, y, bottom }),
    ...timeline.marks.map(({ atMs, text: what }) => {
      const line = `<line x1="${px(x(atMs))}" x2="${px(x(atMs))}" y1="${PANEL.top - 4}" y2="${bottom}" stroke="${COLOURS.mark}" stroke-width="0.8"/>`
      return `<g>${line}<title>${escaped(`${what}, ${(atMs / 1_000).toFixed(1)} s`)}</title></g>`
    }),
    markLine(timeline.marks),
    dots(
      timeline.steps.flatMap(({ atMs, gapP50Ms }) =>
        gapP50Ms === undefined ? [] : [[x(atMs), y(gapP50Ms)]],
      ),
      COLOURS.median,
    ),
    dots(
      timeline.steps.flatMap(({ atMs, gapMaxMs }) =>
        gapMaxMs === undefined ? [] : [[x(atMs), y(gapMaxMs)]],
      ),
      COLOURS.max,
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
    return `<rect x="${px(x(atMs))}" y="${px(bottom - height)}" width="2.5" height="${px(height)}" fill="${COLOURS.refused}"><title>${refused} refused, ${unanswered} without an answer</title></rect>`
  })
}

/** What was done, in the order in which it was done. */
function markLine(marks: readonly { atMs: number; text: string }[]): string {
  const words = marks.map(({ atMs, text: what }) => `${(atMs / 1_000).toFixed(1)} s ${what}`)
  const line = words.join(' · ')
  const shown = line.length > 105 ? `${line.slice(0, 104)}…` : line
  return text(8, PANEL.height - 4, shown, { fill: COLOURS.mark, size: 9 })
}

/** Lines without length and with round ends: a fraction of the bytes of as many circles. */
function dots(points: readonly (readonly number[])[], colour: string): string {
  const path = points.map(([x = 0, y = 0]) => `M${px(x)} ${px(y)}h0`).join('')
  return `<path d="${path}" stroke="${colour}" stroke-width="3.2" stroke-linecap="round"/>`
}

const px = (value: number): string => value.toFixed(1)

type TextStyle = { size?: number; weight?: number; fill?: string; anchor?: 'end' | 'middle' }

function text(
  x: number,
  y: number,
  words: string,
  { size = 11, weight = 400, fill, anchor }: TextStyle = {},
): string {
  const place = `x="${px(x)}" y="${px(y)}" font-size="${size}" font-weight="${weight}"`
  return `<text ${place} fill="${fill ?? COLOURS.text}"${anchor ? ` text-anchor="${anchor}"` : ''}>${escaped(words)}</text>`
}

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
