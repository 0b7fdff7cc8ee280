import type { Scrolled } from './scroll.ts'

const WIDTH = 860
const PANEL = { height: 96, plot: 60, left: 8, gap: 12 }
const TOP = 44
/** Frames slower than that are drawn at the top, with their number. */
const TOP_MS = 50
const FRAME_MS = 1_000 / 60
const INK = '#2b2f36'
const SOFT = '#6b7280'
const LINE = '#d7dbe0'
const ACCENT = '#2f6fde'
const LATE = '#c2452d'

/** One panel per scrolling: each frame a bar as high as it took long, those that came late in another colour. */
export function framesSvg(runs: readonly (Scrolled & { name: string })[]): string {
  const height = TOP + runs.length * (PANEL.height + PANEL.gap)
  const title = 'How long each frame took while scrolling'
  const panels = runs.map(
    (run, index) =>
      `<g transform="translate(0 ${TOP + index * (PANEL.height + PANEL.gap)})">${panel(run)}</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>${title}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="${PANEL.left}" y="18" font-size="14" font-weight="600" fill="${INK}">${title}</text>
<text x="${PANEL.left}" y="34" fill="${SOFT}">each bar a frame; line: 16.7 ms; red: a frame that came after that</text>
${panels.join('\n')}
</svg>
`
}

function panel({ name, gapsMs }: Scrolled & { name: string }): string {
  const bottom = 24 + PANEL.plot
  const step = (WIDTH - 2 * PANEL.left) / gapsMs.length
  const y = (ms: number) => bottom - (Math.min(ms, TOP_MS) / TOP_MS) * PANEL.plot
  const late = gapsMs.filter(isLate)
  const bars = (wanted: (gapMs: number) => boolean) =>
    gapsMs
      .map((gapMs, index) =>
        wanted(gapMs)
          ? `M${(PANEL.left + (index + 0.5) * step).toFixed(1)} ${bottom}V${y(gapMs).toFixed(1)}`
          : '',
      )
      .join('')
  const stroke = `stroke-width="${Math.max(0.8, step * 0.7).toFixed(1)}"`
  return [
    `<text x="${PANEL.left}" y="14" font-size="12" font-weight="600" fill="${INK}">${name}</text>`,
    `<text x="${WIDTH - PANEL.left}" y="14" text-anchor="end" fill="${SOFT}">${gapsMs.length} frames, ${late.length} late</text>`,
    `<path d="${bars((gapMs) => !isLate(gapMs))}" stroke="${ACCENT}" ${stroke}/>`,
    `<path d="${bars(isLate)}" stroke="${LATE}" ${stroke}/>`,
    `<line x1="${PANEL.left}" x2="${WIDTH - PANEL.left}" y1="${y(FRAME_MS).toFixed(1)}" y2="${y(FRAME_MS).toFixed(1)}" stroke="${LINE}"/>`,
  ].join('\n')
}

function isLate(gapMs: number): boolean {
  return gapMs > FRAME_MS + 0.7
}
