import type { Notification, Tally } from '@tally/client'
import type { WhatIsPast } from './what-is-past.ts'

/**
 * Calls back for an entry of the feed that has just come: the count rose, and here is what made it. The two come one after
 * the other, in either order; an entry that the list only learned of late is of the past.
 */
export function watchFeed(
  { badge, notifications }: Pick<Tally, 'badge' | 'notifications'>,
  onNew: (entry: Notification) => void,
  past: Pick<WhatIsPast, 'notifications' | 'newestSeq'>,
): () => void {
  let known = past.notifications
  let toldSeq = past.newestSeq
  let risen = false
  const look = () => {
    const newest = newestOf(notifications.list.get().items)
    if (!risen || newest === undefined || newest.seq <= toldSeq || newest.readAt !== null) return
    risen = false
    toldSeq = newest.seq
    onNew(newest)
  }
  const weigh = () => {
    const now = badge.get()?.notifications ?? 0
    if (known !== null && now !== known) risen = now > known
    known = now
    look()
  }
  if (badge.get() !== null) weigh()
  const count = badge.subscribe(weigh)
  const list = notifications.list.subscribe(look)
  return () => {
    count()
    list()
  }
}

function newestOf(items: readonly Notification[]): Notification | undefined {
  return items[0]
}
