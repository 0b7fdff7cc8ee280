import type { Tally } from '@tally/client'
import type { Explanation } from '@tally/protocol'

/** What came of comparing a badge with the server's recount; `moved`: something happened meanwhile, ask again. */
export type Check = 'right' | 'wrong' | 'moved'

/**
 * Compares what a client shows with the server's explanation, which counts every message anew: the total, the
 * notifications, and the row of every room.
 */
export async function checkBadge(tally: Tally): Promise<Check> {
  const before = tally.badge.get()
  if (before === null || tally.connection.get().state !== 'live') return 'moved'
  const explanation = await tally.explain({ limit: 100 })
  const shown = tally.badge.get()
  if (shown === null || shown.rev !== before.rev || explanation.badge.rev !== shown.rev) return 'moved'
  const right =
    explanation.verdict === 'exact' &&
    explanation.badge.total === shown.total &&
    explanation.badge.notifications === shown.notifications &&
    rowsAgree(tally, explanation)
  return right ? 'right' : 'wrong'
}

function rowsAgree(tally: Tally, { rooms }: Explanation): boolean {
  const rows = new Map(tally.rooms.get().items.map((room) => [room.id, room]))
  return rooms.every(({ roomId, shown, muted, archived, left }) => {
    const row = rows.get(roomId)
    // Left out of the total on purpose, or not loaded yet: there is nothing to compare with.
    if (row === undefined || left || muted || archived) return true
    return row.me.unread === shown
  })
}
