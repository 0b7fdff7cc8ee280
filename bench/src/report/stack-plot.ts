import { axis, shortNumber } from './axis.ts'
import { COLOURS, line, picture, px, SERIES_COLOURS, text } from './svg.ts'

/** Bars made of parts, one below the other. With a single part each bar says what it is worth, and no part is named. */
export type StackPlot = {
  kind: 'stack'
  name: string
  title: string
  /** What the parts add up to. */
  label: string
  parts: string[]
  /** In order of the parts. */
  bars: { name: string; values: number[] }[]
  /** Bars that stand out from the others, by name: only where there is a single part. */
  strong?: string[]
}

const SIZE = { width: 760, left: 190, right: 700, top: 64, row: 34 }
/** Parts named in one line. */
const PARTS_PER_LINE = 6
const LINE_HEIGHT = 16

export function stackPlotSvg({ title, label, parts, bars, strong }: StackPlot): string {
  const named = parts.length > 1 ? parts : []
  const lines = Math.ceil(named.length / PARTS_PER_LINE)
  const top = SIZE.top + (lines - 1) * LINE_HEIGHT
  const height = top + bars.length * SIZE.row + 36
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0))
  const x = axis(totals, [SIZE.left, SIZE.right], false)
  const bottom = height - 30
  const colourOf = (index: number): string => SERIES_COLOURS[index % SERIES_COLOURS.length] ?? COLOURS.accent
  const soft = { fill: COLOURS.soft, size: 10 }
  return picture({
    width: SIZE.width,
    height,
    title,
    parts: [
      text(8, 20, title, { size: 14, weight: 600 }),
      ...named.map((name, index) => {
        const at = 8 + (index % PARTS_PER_LINE) * (SIZE.width / Math.min(named.length, PARTS_PER_LINE))
        const y = 32 + Math.floor(index / PARTS_PER_LINE) * LINE_HEIGHT
        return `<rect x="${px(at)}" y="${y}" width="10" height="10" fill="${colourOf(index)}"/>${text(at + 14, y + 9, name)}`
      }),
      ...x.ticks.flatMap((value) => [
        line([x.place(value), top - 6, x.place(value), bottom]),
        text(x.place(value), bottom + 13, shortNumber(value), { ...soft, anchor: 'middle' }),
      ]),
      text(SIZE.right, bottom + 26, label, { ...soft, anchor: 'end' }),
      ...bars.map(({ name, values }, row) => {
        const y = top + row * SIZE.row
        let sum = 0
        const isWeak = strong !== undefined && !strong.includes(name)
        const rects = values.map((value, index) => {
          const from = x.place(sum)
          sum += value
          const width = px(Math.max(0, x.place(sum) - from))
          const said = `<title>${parts[index]}: ${shortNumber(value)}</title>`
          return `<rect x="${px(from)}" y="${y}" width="${width}" height="${SIZE.row - 12}" fill="${isWeak ? COLOURS.pale : colourOf(index)}">${said}</rect>`
        })
        const worth =
          named.length > 0 ? '' : text(x.place(sum) + 6, y + 15, shortNumber(sum), { weight: 600 })
        return [text(SIZE.left - 8, y + 15, name, { anchor: 'end' }), ...rects, worth].join('')
      }),
    ],
  })
}
