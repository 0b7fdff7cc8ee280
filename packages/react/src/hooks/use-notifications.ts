import type { NotificationFeed, NotificationList } from '@tally/client'
import { useEffect, useMemo } from 'react'
import { useTally } from '../tally-context.ts'
import { useBadge } from './use-badge.ts'
import { useConnection } from './use-connection.ts'
import { useReadable } from './use-readable.ts'

export type Notifications = NotificationList & {
  /** How many are unread: the badge's own number, never counted from the list. */
  unread: number
  /** Loads older entries. Rejects with a `RequestError` when refused. */
  loadMore: NotificationFeed['loadMore']
  /** Marks entries as read: these, or all there are. Rejects with a `RequestError` when refused. */
  read: NotificationFeed['read']
  /** Loads the newest entries anew. Rejects with a `RequestError` when refused. */
  load: NotificationFeed['load']
}

const BEFORE: { readonly value: NotificationList } = {
  value: {
    items: [],
    loading: true,
    hasMore: false,
    state: { seenSeq: 0, change: 0, preferencesRev: 0 } as NotificationList['state'],
  },
}

/**
 * The person's notification feed, newest first. Loaded once somebody is connected who uses it, then kept current.
 *
 * @param options `enabled: false`: do not load yet (a feed behind a bell); the unread number is there all the same.
 */
export function useNotifications({ enabled = true }: { enabled?: boolean } = {}): Notifications {
  const { notifications } = useTally()
  const unread = useBadge()?.notifications ?? 0
  const list = useReadable(notifications.list, BEFORE)
  const { state } = useConnection()
  const ready = enabled && (state === 'live' || state === 'polling')
  useEffect(() => {
    // A refusal shows as a list that stays empty; the next connection asks again.
    if (ready) notifications.load().catch(() => {})
  }, [ready, notifications])
  return useMemo(
    () => ({
      ...list,
      unread,
      load: () => notifications.load(),
      loadMore: () => notifications.loadMore(),
      read: (which) => notifications.read(which),
    }),
    [list, unread, notifications],
  )
}
