/** Something that was measured, and what it has to be. */
export type Figure = { name: string; value: number; unit: string; most?: number; least?: number }

export function holds({ value, most, least }: Figure): boolean {
  return (most === undefined || value <= most) && (least === undefined || value >= least)
}

/** A line of the table. */
export function lineOf(figure: Figure): string {
  const { name, value, unit, most, least } = figure
  const bar = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : ''
  const shown = `${Number(value.toFixed(value < 10 ? 2 : 1))} ${unit}`
  return `${holds(figure) ? 'ok    ' : 'BROKEN'} ${name.padEnd(64)} ${shown.padStart(14)}   ${bar}`
}
