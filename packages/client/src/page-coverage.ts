import type { MessagePage, Seq } from '@tally/protocol'
import type { SeqRange } from './seq-ranges.ts'

/** Which page of the history was asked for. */
export type PageQuery = { before: Seq } | { after: Seq } | { newest: true }

/**
 * The stretch that a page tells everything of: as far as it was asked, since what is not on it is not there.
 * `undefined`: it tells nothing of any place.
 */
export function coveredBy(
  { items, hasBefore, hasAfter }: MessagePage,
  query: PageQuery,
): SeqRange | undefined {
  const first = items.at(0)
  const last = items.at(-1)
  // Without anything after it, a page ends with the room, wherever it was asked from.
  const end = 'before' in query && hasAfter ? query.before - 1 : last?.seq
  if (first === undefined) return hasBefore ? undefined : { from: 0, to: end ?? 0 }
  const start = 'after' in query ? query.after + 1 : first.seq
  return { from: hasBefore ? start : 0, to: end ?? first.seq }
}
