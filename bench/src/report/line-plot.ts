import { type Axis, axis, shortNumber } from './axis.ts'
import { COLOURS, dots, line, picture, px, SERIES_COLOURS, text } from './svg.ts'

type Series = {
  name: string
  /** In order of x. */
  points: (readonly [x: number, y: number])[]
  /** Not measured but computed beyond what was. */
  isExtrapolated?: boolean
}

/** Curves over a common axis. */
export type LinePlot = {
  kind: 'lines'
  name: string
  title: string
  x: { label: string; isLog: boolean }
  y: { label: string; isLog: boolean }
  series: Series[]
  /** Values that something is held against. */
  levels?: { name: string; y: number }[]
}

const SIZE = { width: 760, height: 360, left: 64, right: 560, top: 44, bottom: 312 }

export function linePlotSvg(plot: LinePlot): string {
  const levels = plot.levels ?? []
  const points = plot.series.flatMap(({ points }) => points)
  const x = axis(
    points.map(([value]) => value),
    [SIZE.left, SIZE.right],
    plot.x.isLog,
  )
  const y = axis(
    [...points.map(([, value]) => value), ...levels.map((level) => level.y)],
    [SIZE.bottom, SIZE.top],
    plot.y.isLog,
  )
  return picture({
    ...SIZE,
    title: plot.title,
    parts: [
      text(8, 20, plot.title, { size: 14, weight: 600 }),
      ...grid(plot, { x, y }),
      ...levels.flatMap((level) => {
        const at = y.place(level.y)
        const stroke = { colour: COLOURS.warn, width: 1, dash: '5 4' }
        return [
          line([SIZE.left, at, SIZE.right, at], stroke),
          text(SIZE.left + 4, at - 4, level.name, { fill: COLOURS.warn, size: 10 }),
        ]
      }),
      ...plot.series.map((series, index) => {
        // What lies beyond what was measured goes on in the colour of what was, which is the series before it.
        const measured = plot.series.slice(0, index + 1).filter(({ isExtrapolated }) => !isExtrapolated)
        return curve(series, { index, colourIndex: Math.max(0, measured.length - 1) }, { x, y })
      }),
    ],
  })
}

function grid(
  { x: { label: xLabel }, y: { label: yLabel } }: LinePlot,
  { x, y }: { x: Axis; y: Axis },
): string[] {
  const soft = { fill: COLOURS.soft, size: 10 }
  return [
    ...y.ticks.flatMap((value) => [
      line([SIZE.left, y.place(value), SIZE.right, y.place(value)]),
      text(SIZE.left - 6, y.place(value) + 3, shortNumber(value), { ...soft, anchor: 'end' }),
    ]),
    ...x.ticks.flatMap((value) => [
      line([x.place(value), SIZE.top, x.place(value), SIZE.bottom]),
      text(x.place(value), SIZE.bottom + 14, shortNumber(value), { ...soft, anchor: 'middle' }),
    ]),
    text(SIZE.left, SIZE.top - 8, yLabel, soft),
    text(SIZE.right, SIZE.bottom + 32, xLabel, { ...soft, anchor: 'end' }),
  ]
}

function curve(
  { name, points, isExtrapolated }: Series,
  { index, colourIndex }: { index: number; colourIndex: number },
  { x, y }: { x: Axis; y: Axis },
): string {
  const colour = SERIES_COLOURS[colourIndex % SERIES_COLOURS.length] ?? COLOURS.accent
  const places = points.map(([px, py]) => [x.place(px), y.place(py)] as const)
  const path = places.map(([px1, py1], at) => `${at === 0 ? 'M' : 'L'}${px(px1)} ${px(py1)}`).join('')
  const dash = isExtrapolated ? ' stroke-dasharray="4 4"' : ''
  const legendY = SIZE.top + 8 + index * 18
  return [
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.8"${dash}/>`,
    // It begins where what was measured ends: that point is not one of its own.
    dots(isExtrapolated ? places.slice(1) : places, colour, 5),
    isExtrapolated
      ? line([SIZE.right + 12, legendY - 4, SIZE.right + 27, legendY - 4], {
          colour,
          width: 1.8,
          dash: '4 4',
        })
      : dots([[SIZE.right + 20, legendY - 4]], colour, 9),
    text(SIZE.right + 30, legendY, name),
  ].join('')
}
