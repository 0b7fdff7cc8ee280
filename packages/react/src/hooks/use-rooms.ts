import { isConnected, type RoomList } from '@tally/client'
import { useMemo } from 'react'
import { useTally } from '../tally-context.ts'
import { useConnection } from './use-connection.ts'
import { useReadable } from './use-readable.ts'

export type Rooms = RoomList & {
  /** Loads the next, older page. Rejects with a `RequestError` when refused. */
  loadMore: () => Promise<void>
  /** Reads every room up to where it stands now. Rejects with a `RequestError` when refused. */
  markAllRead: () => Promise<void>
}

const BEFORE: { readonly value: RoomList } = { value: { items: [], loading: true, hasMore: false } }

/**
 * The person's rooms, newest first, kept current: last message, unread number, who is typing and who is here.
 * `loading` until they are known: an empty list that is not loading is one of somebody without rooms.
 */
export function useRooms(): Rooms {
  const tally = useTally()
  const list = useReadable(tally.rooms, BEFORE)
  const isKnown = isConnected(useConnection()) || list.items.length > 0
  return useMemo(
    () => ({
      ...list,
      loading: list.loading || !isKnown,
      loadMore: () => tally.loadMoreRooms(),
      markAllRead: () => tally.markAllRead(),
    }),
    [list, isKnown, tally],
  )
}
