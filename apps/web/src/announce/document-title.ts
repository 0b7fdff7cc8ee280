import { badgeNumber } from '../format/badge-number.ts'

/** The title of the tab: `(3) Tally`. */
export function documentTitle(total: number): string {
  return total > 0 ? `(${badgeNumber(total)}) Tally` : 'Tally'
}
