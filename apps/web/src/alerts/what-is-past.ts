import type { RoomList, Tally } from '@tally/client'

/** What was there at some moment: of that nobody is alerted. */
export type WhatIsPast = {
  rooms: Pick<RoomList, 'items' | 'hasMore'>
  /** Unread ones; null before the first badge. */
  notifications: number | null
  /** The newest entry of the feed that was known. */
  newestSeq: number
}

export function whatIsPast({
  rooms,
  badge,
  notifications,
}: Pick<Tally, 'rooms' | 'badge' | 'notifications'>): WhatIsPast {
  return {
    rooms: rooms.get(),
    notifications: badge.get()?.notifications ?? null,
    newestSeq: notifications.list.get().items[0]?.seq ?? 0,
  }
}
