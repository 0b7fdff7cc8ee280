import type { RoomState } from '@tally/client'
import { type Found, search } from '@tally/client/extras'
import type { UserId } from '@tally/protocol'
import { useEffect, useState } from 'react'
import { filterRooms } from '../rooms/filter-rooms.ts'
import { useTally } from '../tally/tally-context.ts'
import { TYPING_MS } from './use-message-search.ts'

/** More chats than this nobody reads through: one types on. */
const MOST_ROOMS = 20

type FoundRooms = { query: string; rooms: readonly RoomState[] }

type RoomSearchInput = {
  query: string
  /** Those found in the list as far as it is loaded. */
  listed: readonly RoomState[]
  /** Whether there are rooms that are not in the list yet: then the server is asked as well. */
  hasMore: boolean
  meId: UserId | undefined
}

/** Rooms with these words, also those that the list has not come to yet, while somebody types them. */
export function useRoomSearch({ query, listed, hasMore, meId }: RoomSearchInput): {
  rooms: readonly RoomState[]
  searching: boolean
} {
  const tally = useTally()
  const [found, setFound] = useState<FoundRooms>({ query: '', rooms: [] })
  // Half of a surrogate pair has no place in an address.
  const q = query.trim().toWellFormed()
  useEffect(() => {
    if (!hasMore) return
    let isCurrent = true
    const timer = setTimeout(() => {
      search(tally, { q, in: 'rooms', limit: MOST_ROOMS }).then(
        ({ items }) => isCurrent && setFound({ query: q, rooms: items.flatMap(roomOf) }),
        // What is in the list is found without the server.
        () => isCurrent && setFound({ query: q, rooms: [] }),
      )
    }, TYPING_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [tally, q, hasMore])
  const isAnswered = found.query === q
  const searching = hasMore && !isAnswered
  // Until the answer comes, what was found before is shown as far as it fits. None comes once the whole list is there.
  const elsewhere = isAnswered ? found.rooms : filterRooms(found.rooms, { filter: 'all', query: q, meId })
  const isListed = new Set(listed.map(({ id }) => id))
  const rooms = [...listed, ...elsewhere.filter(({ id }) => !isListed.has(id))].slice(0, MOST_ROOMS)
  return { rooms, searching }
}

function roomOf(found: Found): RoomState[] {
  if (found.kind !== 'room') return []
  const { lastMessage, ...room } = found.room
  return [{ ...room, lastMessage, typing: [], online: false }]
}
