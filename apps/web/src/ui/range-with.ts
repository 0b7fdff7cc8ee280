import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual'

/** The rows near the screen, and the one at `index` wherever it is (below 0: none): a row in use must not leave the page. */
export function rangeWith(range: Range, index: number): number[] {
  const shown = defaultRangeExtractor(range)
  return index < 0 || shown.includes(index) ? shown : [...shown, index].sort((a, b) => a - b)
}
