export const COLOURS = {
  text: '#2b2f36',
  soft: '#6b7280',
  line: '#d7dbe0',
  paper: '#ffffff',
  accent: '#2f6fde',
  pale: '#9dbdf2',
  warn: '#c2452d',
  warnPale: '#fde9e4',
}

/** Told apart by people who see few colours, too: dark and light in turn. */
export const SERIES_COLOURS = [
  '#2f6fde',
  '#c2452d',
  '#1f7a4d',
  '#9a6a00',
  '#7b4ab8',
  '#3aa3b8',
  '#d9822b',
  '#6b7280',
  '#b83a75',
  '#94a3d8',
  '#7a3b1d',
  '#58b368',
  '#444b59',
]

export type TextStyle = { size?: number; weight?: number; fill?: string; anchor?: 'end' | 'middle' }

/** A whole picture. */
export function picture(options: {
  width: number
  height: number
  title: string
  parts: readonly string[]
}): string {
  const { width, height, title, parts } = options
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="${COLOURS.paper}"/>
${parts.join('\n')}
</svg>
`
}

export function text(
  x: number,
  y: number,
  words: string,
  { size = 11, weight = 400, fill, anchor }: TextStyle = {},
): string {
  const place = `x="${px(x)}" y="${px(y)}" font-size="${size}" font-weight="${weight}"`
  return `<text ${place} fill="${fill ?? COLOURS.text}"${anchor ? ` text-anchor="${anchor}"` : ''}>${escaped(words)}</text>`
}

/** Lines without length and with round ends: a fraction of the bytes of as many circles. */
export function dots(points: readonly (readonly number[])[], colour: string, size = 3.2): string {
  const path = points.map(([x = 0, y = 0]) => `M${px(x)} ${px(y)}h0`).join('')
  return `<path d="${path}" stroke="${colour}" stroke-width="${size}" stroke-linecap="round"/>`
}

export function line(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  { colour = COLOURS.line, width = 0.5, dash }: { colour?: string; width?: number; dash?: string } = {},
): string {
  const dashed = dash === undefined ? '' : ` stroke-dasharray="${dash}"`
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}" stroke-width="${width}"${dashed}/>`
}

export const px = (value: number): string => value.toFixed(1)

export const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
