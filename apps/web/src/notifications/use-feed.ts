import type { Tally } from '@tally/client'
import { type Archiving, archiveNotifications, seeNotifications } from '@tally/client/extras'
import type { Notification, NotificationId } from '@tally/protocol'
import { useCallback, useEffect, useState } from 'react'
import { onConnected } from '../tally/on-connected.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { isUnseen } from './unseen.ts'
import { useServerList } from './use-server-list.ts'

export const FEED_FILTERS = ['all', 'unread', 'archived'] as const
export type FeedFilter = (typeof FEED_FILTERS)[number]

const NONE: ReadonlySet<NotificationId> = new Set()

/** The feed as it is shown while it is open: seen by being open, filtered, and already without what is on its way elsewhere. */
export function useFeed({ open, filter }: { open: boolean; filter: FeedFilter }) {
  const tally = useTally()
  const attempt = useAttempt()
  const { items, loading, hasMore, state } = useStore(tally.notifications.list)
  const [moving, setMoving] = useState(NONE)
  const unreadCount = useStore(tally.badge)?.notifications
  const picked = useServerList({
    tally,
    which: open && filter !== 'all' ? filter : null,
    version: `${state.change}/${unreadCount}`,
  })
  const news = useNewsSinceOpening({ open, items, seenSeq: state.seenSeq })

  const newest = useNewest(tally, open)
  const newestSeq = items.find((entry) => isUnseen(entry, state.seenSeq))?.seq
  useEffect(() => {
    // Should it fail, they are new the next time as well: nothing to bother anybody with.
    if (open && newestSeq !== undefined) seeNotifications(tally, newestSeq).catch(() => {})
  }, [open, newestSeq, tally])

  const archive = (which: Archiving, ids: readonly NotificationId[]) => {
    setMoving((before) => new Set([...before, ...ids]))
    const settle = () => setMoving((before) => new Set([...before].filter((id) => !ids.includes(id))))
    // It is on its way until the lists are without it.
    attempt(
      archiveNotifications(tally, which)
        .then(() => picked.load())
        .finally(settle),
    )
  }
  const readHere = new Set(items.filter(({ readAt }) => readAt !== null).map(({ id }) => id))
  const listed = {
    all: items,
    // What was read a moment ago is still on the server's page.
    unread: picked.items.filter(({ id }) => !readHere.has(id)),
    archived: picked.items,
  }[filter]
  // Before it is loaded for the first time, there may be more.
  const isUnknown = items.length === 0 && hasMore && newest.failure === null
  const all = { ...newest, loading: loading || isUnknown, hasMore, loadMore: tally.notifications.loadMore }
  const pages = filter === 'all' ? all : picked
  return {
    items: listed.filter(({ id }) => !moving.has(id)),
    /** Those of them that were not seen when the feed was opened. */
    news,
    loading: pages.loading,
    /** Why it could not be loaded; `null` where it could. */
    failure: pages.failure,
    hasMore: pages.hasMore,
    canArchiveRead: [...readHere].some((id) => !moving.has(id)),
    loadMore: () => attempt(pages.loadMore()),
    retry: () => void pages.load(),
    read: (which: readonly NotificationId[] | 'all') => attempt(tally.notifications.read(which)),
    move: ({ id }: Notification, toArchive: boolean) => archive({ ids: [id], archived: toArchive }, [id]),
    archiveRead: () => archive({ allRead: true }, [...readHere]),
  }
}

/** Asks for the newest entries when the feed is opened, and again when a connection comes back. */
function useNewest(tally: Tally, open: boolean) {
  const [failure, setFailure] = useState<unknown>(null)
  const load = useCallback(async () => {
    setFailure(null)
    await tally.notifications.load().catch(setFailure)
  }, [tally])
  useEffect(() => {
    if (!open) return
    void load()
    return onConnected(tally, () => void load())
  }, [open, load, tally])
  return { failure, load }
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
