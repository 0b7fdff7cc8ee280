import { type Axis, axis, shortNumber } from './axis.ts'
import { COLOURS, line, picture, px, SERIES_COLOURS, text } from './svg.ts'

/** Bars made of parts, one below the other; each says what it is worth in all. A single part is not named. */
export type StackPlot = {
  kind: 'stack'
  name: string
  title: string
  /** What the parts add up to. */
  label: string
  parts: string[]
  /** In order of the parts. */
  bars: { name: string; values: number[] }[]
  /** Every bar is drawn as long as the others, because the shares of its parts are what is shown. */
  isOfShares?: boolean
  /** Bars that stand out from the others, by name: only where there is a single part. */
  strong?: string[]
}

const SIZE = { width: 760, left: 190, right: 690, top: 64, row: 34 }
/** Parts named in one line. */
const PARTS_PER_LINE = 6
const LINE_HEIGHT = 16
/** More colours than this nobody tells apart: then parts that are small in every bar are one. */
const COLOURS_MAX = 8
const SMALL_SHARE = 0.04
/** Narrower than this a part does not say what it is worth. */
const SAID_WIDTH = 34
type Drawn = Pick<StackPlot, 'parts' | 'bars'>

export function stackPlotSvg(plot: StackPlot): string {
  const { title, label, strong, isOfShares = false } = plot
  const { parts, bars } = withoutSmallParts(plot)
  const named = parts.length > 1 ? parts : []
  const top = SIZE.top + (Math.ceil(named.length / PARTS_PER_LINE) - 1) * LINE_HEIGHT
  const height = top + bars.length * SIZE.row + 36
  const x = axis(isOfShares ? [100] : bars.map(totalOf), [SIZE.left, SIZE.right], false)
  const bottom = height - 30
  const soft = { fill: COLOURS.soft, size: 10 }
  return picture({
    width: SIZE.width,
    height,
    title,
    parts: [
      text(8, 20, title, { size: 14, weight: 600 }),
      ...named.map(legendOf),
      ...x.ticks.flatMap((value) => [
        line([x.place(value), top - 6, x.place(value), bottom]),
        text(x.place(value), bottom + 13, shortNumber(value), { ...soft, anchor: 'middle' }),
      ]),
      text(SIZE.right, bottom + 26, isOfShares ? `%; figures are ${label}` : label, {
        ...soft,
        anchor: 'end',
      }),
      ...bars.map((bar, row) => {
        const isWeak = strong !== undefined && !strong.includes(bar.name)
        const scale = isOfShares ? 100 / totalOf(bar) : 1
        return barOf(bar, { x, scale, y: top + row * SIZE.row, parts, isWeak })
      }),
    ],
  })
}

function withoutSmallParts({ parts, bars }: Drawn): Drawn {
  const isSmall = (index: number): boolean =>
    bars.every((bar) => (bar.values[index] ?? 0) < SMALL_SHARE * totalOf(bar))
  const large = parts.flatMap((_, index) => (isSmall(index) ? [] : [index]))
  if (parts.length <= COLOURS_MAX || large.length === parts.length) return { parts, bars }
  return {
    parts: [...large.map((index) => parts[index] ?? ''), 'the rest'],
    bars: bars.map((bar) => {
      const values = large.map((index) => bar.values[index] ?? 0)
      return { name: bar.name, values: [...values, totalOf(bar) - totalOf({ values })] }
    }),
  }
}

const totalOf = ({ values }: { values: readonly number[] }): number =>
  values.reduce((sum, value) => sum + value, 0)

function legendOf(name: string, index: number, all: readonly string[]): string {
  const x = 8 + (index % PARTS_PER_LINE) * (SIZE.width / Math.min(all.length, PARTS_PER_LINE))
  const y = 32 + Math.floor(index / PARTS_PER_LINE) * LINE_HEIGHT
  return `<rect x="${px(x)}" y="${y}" width="10" height="10" fill="${colourOf(index)}"/>${text(x + 14, y + 9, name)}`
}

function barOf(
  bar: StackPlot['bars'][number],
  {
    x,
    scale,
    y,
    parts,
    isWeak,
  }: { x: Axis; scale: number; y: number; parts: readonly string[]; isWeak: boolean },
): string {
  let sum = 0
  const rects = bar.values.map((value, index) => {
    const from = x.place(sum * scale)
    sum += value
    const width = Math.max(0, x.place(sum * scale) - from)
    const said = `<title>${parts[index]}: ${shortNumber(value)}</title>`
    const rect = `<rect x="${px(from)}" y="${y}" width="${px(width)}" height="${SIZE.row - 12}" fill="${isWeak ? COLOURS.pale : colourOf(index)}">${said}</rect>`
    if (parts.length === 1 || width < SAID_WIDTH) return rect
    const style = { size: 10, fill: COLOURS.paper, anchor: 'middle' } as const
    return rect + text(from + width / 2, y + 15, shortNumber(value), style)
  })
  const total = text(x.place(sum * scale) + 6, y + 15, shortNumber(sum), { weight: 600 })
  return [text(SIZE.left - 8, y + 15, bar.name, { anchor: 'end' }), ...rects, total].join('')
}

function colourOf(index: number): string {
  return SERIES_COLOURS[index % SERIES_COLOURS.length] ?? COLOURS.accent
}
