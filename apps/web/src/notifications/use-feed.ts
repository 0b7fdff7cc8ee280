import { type Archiving, archiveNotifications, seeNotifications } from '@tally/client/extras'
import type { Notification, NotificationId } from '@tally/protocol'
import { useEffect, useState } from 'react'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { isUnseen } from './unseen.ts'
import { useArchived } from './use-archived.ts'

export const FEED_FILTERS = ['all', 'unread', 'archived'] as const
export type FeedFilter = (typeof FEED_FILTERS)[number]

const NONE: ReadonlySet<NotificationId> = new Set()

/** The feed as it is shown while it is open: seen by being open, filtered, and already without what is on its way elsewhere. */
export function useFeed({ open, filter }: { open: boolean; filter: FeedFilter }) {
  const tally = useTally()
  const attempt = useAttempt()
  const { items, loading, hasMore, state } = useStore(tally.notifications.list)
  const [moving, setMoving] = useState(NONE)
  const isArchive = filter === 'archived'
  const archived = useArchived(tally, { enabled: open && isArchive, change: state.change, attempt })
  const news = useNewsSinceOpening({ open, items, seenSeq: state.seenSeq })

  useEffect(() => {
    if (open) attempt(tally.notifications.load())
  }, [open, attempt, tally])
  const newestSeq = items.find((entry) => isUnseen(entry, state.seenSeq))?.seq
  useEffect(() => {
    // Should it fail, they are new the next time as well: nothing to bother anybody with.
    if (open && newestSeq !== undefined) seeNotifications(tally, newestSeq).catch(() => {})
  }, [open, newestSeq, tally])

  const archive = (which: Archiving, ids: readonly NotificationId[]) => {
    setMoving((before) => new Set([...before, ...ids]))
    const settle = () => setMoving((before) => new Set([...before].filter((id) => !ids.includes(id))))
    attempt(archiveNotifications(tally, which).finally(settle))
  }
  const listed = isArchive ? archived.items : items
  const wanted = filter === 'unread' ? listed.filter(({ readAt }) => readAt === null) : listed
  return {
    items: wanted.filter(({ id }) => !moving.has(id)),
    /** Those of them that were not seen when the feed was opened. */
    news,
    loading: isArchive ? archived.loading : loading,
    hasMore: isArchive ? archived.hasMore : hasMore,
    canArchiveRead: items.some(({ id, readAt }) => readAt !== null && !moving.has(id)),
    loadMore: () => attempt(isArchive ? archived.loadMore() : tally.notifications.loadMore()),
    read: (which: readonly NotificationId[] | 'all') => attempt(tally.notifications.read(which)),
    move: ({ id }: Notification, toArchive: boolean) => archive({ ids: [id], archived: toArchive }, [id]),
    archiveRead: () =>
      archive(
        { allRead: true },
        items.filter(({ readAt }) => readAt !== null).map(({ id }) => id),
      ),
  }
}

/** What came since it was looked at last stays marked as new for as long as it is open, though it was seen by then. */
function useNewsSinceOpening({
  open,
  items,
  seenSeq,
}: {
  open: boolean
  items: readonly Notification[]
  seenSeq: number
}): ReadonlySet<NotificationId> {
  const [seenBefore, setSeenBefore] = useState<number | null>(null)
  useEffect(() => {
    setSeenBefore((before) => (open ? (before ?? seenSeq) : null))
  }, [open, seenSeq])
  const from = seenBefore ?? seenSeq
  return new Set(items.filter(({ seq }) => seq > from).map(({ id }) => id))
}
