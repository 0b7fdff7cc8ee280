/** Something that was measured, and what it has to be. */
export type Figure = {
  /** What of: the first load, a room, a list. */
  group: string
  name: string
  value: number
  unit: string
  /** The bar: at most, or at least, so much. Without one it is told for what it explains. */
  most?: number
  least?: number
}

export function holds({ value, most, least }: Figure): boolean {
  return (most === undefined || value <= most) && (least === undefined || value >= least)
}

export function hasBar({ most, least }: Figure): boolean {
  return most !== undefined || least !== undefined
}

/** `128 KB`: as exact as it says something. */
export function shown({ value, unit }: Figure): string {
  const digits = value === 0 || value >= 100 ? 0 : value < 0.1 ? 4 : value < 10 ? 2 : 1
  return `${Number(value.toFixed(digits)).toLocaleString('en')}${unit === '' ? '' : ` ${unit}`}`
}

/** `≤ 170`: what it has to be. */
export function bar({ most, least, unit }: Figure): string {
  const value = most ?? least
  if (value === undefined) return ''
  return `${most !== undefined ? '≤' : '≥'} ${value.toLocaleString('en')}${unit === '' ? '' : ` ${unit}`}`
}

/** By how much it keeps or misses its bar. */
export function margin(figure: Figure): string {
  const limit = figure.most ?? figure.least
  if (limit === undefined) return ''
  const { value } = figure
  const verdict = holds(figure) ? 'held' : 'missed'
  if (limit === 0) return verdict
  const share = Math.abs(value - limit) / limit
  return share < 0.005 ? verdict : `${verdict} by ${Math.round(share * 100)} %`
}
