import { COLOURS, escaped, picture, px, SERIES_COLOURS, text } from './svg.ts'

/** A call and what it called, each as wide as the time it took. */
export type FlamePlot = {
  kind: 'flame'
  name: string
  title: string
  /** What the whole width is. */
  label: string
  /** Colours are given by the group of a call. */
  groups: string[]
  root: Flame
}

export type Flame = { name: string; group: string; value: number; children: Flame[] }

const SIZE = { width: 960, left: 8, right: 952, top: 58, row: 15 }
/** Narrower than this nothing can be seen. */
const LEAST_SHARE = 0.002
const CHARACTER_WIDTH = 5.2

export function flamePlotSvg({ title, label, groups, root }: FlamePlot): string {
  const rects: string[] = []
  let deepest = 0
  const draw = (flame: Flame, { from, depth }: { from: number; depth: number }): void => {
    const share = flame.value / root.value
    if (share < LEAST_SHARE) return
    deepest = Math.max(deepest, depth)
    const width = share * (SIZE.right - SIZE.left)
    rects.push(rectOf(flame, { x: from, y: SIZE.top + depth * SIZE.row, width, share, groups }))
    let next = from
    for (const child of flame.children.toSorted((one, other) => other.value - one.value)) {
      draw(child, { from: next, depth: depth + 1 })
      next += (child.value / root.value) * (SIZE.right - SIZE.left)
    }
  }
  draw(root, { from: SIZE.left, depth: 0 })
  return picture({
    width: SIZE.width,
    height: SIZE.top + (deepest + 1) * SIZE.row + 24,
    title,
    parts: [
      text(SIZE.left, 20, title, { size: 14, weight: 600 }),
      ...groups.map((name, index) => {
        const x = SIZE.left + index * ((SIZE.right - SIZE.left) / groups.length)
        return `<rect x="${px(x)}" y="32" width="9" height="9" fill="${colourOf(groups, name)}"/>${text(x + 12, 40, name, { size: 9 })}`
      }),
      ...rects,
      text(SIZE.right, SIZE.top + (deepest + 1) * SIZE.row + 16, label, {
        fill: COLOURS.soft,
        size: 10,
        anchor: 'end',
      }),
    ],
  })
}

type Place = { x: number; y: number; width: number; share: number; groups: readonly string[] }

function rectOf({ name, group }: Flame, { x, y, width, share, groups }: Place): string {
  const letters = Math.floor((width - 4) / CHARACTER_WIDTH)
  const words =
    letters < 4 ? '' : text(x + 3, y + 11, name.slice(0, letters), { size: 9, fill: COLOURS.paper })
  const said = `<title>${escaped(name)}: ${(share * 100).toFixed(1)} %</title>`
  return `<rect x="${px(x)}" y="${y}" width="${px(width)}" height="${SIZE.row - 1}" fill="${colourOf(groups, group)}">${said}</rect>${words}`
}

function colourOf(groups: readonly string[], group: string): string {
  return SERIES_COLOURS[groups.indexOf(group) % SERIES_COLOURS.length] ?? COLOURS.soft
}
