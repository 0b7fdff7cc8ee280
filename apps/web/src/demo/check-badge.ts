import type { Tally } from '@tally/client'
import type { Explanation } from '@tally/protocol'

/**
 * Whether what a client shows is what the server's explanation says, which counts every message anew: the total, the
 * notifications, and the row of every room.
 */
export async function isBadgeRight(tally: Tally): Promise<boolean> {
  const explanation = await tally.explain({ limit: 100 })
  const shown = tally.badge.get()
  return (
    explanation.verdict === 'exact' &&
    explanation.badge.total === shown?.total &&
    explanation.badge.notifications === shown.notifications &&
    rowsAgree(tally, explanation)
  )
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
