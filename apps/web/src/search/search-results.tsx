import type { RoomState } from '@tally/client'
import type { FoundMessage } from '@tally/client/extras'
import type { RoomId, UserId } from '@tally/protocol'
import { type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { roomFace } from '../rooms/room-face.ts'
import { RoomPreview } from '../rooms/room-preview.tsx'
import { RoomRow } from '../rooms/room-row.tsx'
import { Link } from '../routing/link.tsx'
import { roomPath } from '../routing/route.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { FoundList } from './found-list.tsx'
import { useMessageSearch } from './use-message-search.ts'
import { useRoomSearch } from './use-room-search.ts'

type SearchResultsProps = {
  query: string
  /** Those of the list whose name, people or last message have it. */
  listed: readonly RoomState[]
  allRooms: readonly RoomState[]
  /** The list is not all there is. */
  hasMore: boolean
  meId: UserId | undefined
  now: Date
  /** Where the first chat that is shown is noted, for whoever presses Enter. */
  firstRoomId: RefObject<RoomId | null>
}

/** What was found: chats of the list at once, others and messages as soon as the server knows. */
export function SearchResults({
  query,
  listed,
  allRooms,
  hasMore,
  meId,
  now,
  firstRoomId,
}: SearchResultsProps) {
  const { t } = useTranslation()
  const found = useMessageSearch(query)
  const { rooms, searching } = useRoomSearch({ query, listed, hasMore, meId })
  useRoomsOfHits(found.items, allRooms)
  useEffect(() => {
    firstRoomId.current = rooms[0]?.id ?? null
    return () => {
      firstRoomId.current = null
    }
  })
  return (
    <div className="quiet-scroll min-h-0 flex-1 overflow-y-auto pb-4">
      <h2 className="px-4 pt-3 pb-1 text-1 font-semibold text-ink-2">{t('search.chats')}</h2>
      {rooms.length > 0 ? (
        <ul aria-busy={searching} aria-label={t('search.chats')}>
          {rooms.map((room) => (
            <FoundRoom key={room.id} meId={meId} now={now} room={room} />
          ))}
        </ul>
      ) : searching ? (
        <div aria-hidden="true" className="grid h-16 content-center gap-2 px-4">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-4 w-56" />
        </div>
      ) : null}
      <div role="status">
        {rooms.length === 0 && !searching && (
          <p className="px-4 py-3 text-ink-2">{t('chats.emptySearch', { query: query.trim() })}</p>
        )}
      </div>
      <h2 className="px-4 pt-4 pb-1 text-1 font-semibold text-ink-2">{t('search.messages')}</h2>
      <FoundList found={found} meId={meId} now={now} rooms={allRooms} />
    </div>
  )
}

/** So many pages of the list are loaded to tell in which chats messages were found. */
const MOST_PAGES = 10

/** Goes on with the list of chats until those are in it in which messages were found. */
function useRoomsOfHits(hits: readonly FoundMessage[], rooms: readonly RoomState[]): void {
  const tally = useTally()
  const { hasMore, loading } = useStore(tally.rooms)
  const pagesLeft = useRef(MOST_PAGES)
  const known = new Set(rooms.map(({ id }) => id))
  const isDue = hasMore && !loading && hits.some(({ roomId }) => !known.has(roomId))
  useEffect(() => {
    if (!isDue || pagesLeft.current === 0) return
    pagesLeft.current--
    // Without them they are still found.
    tally.loadMoreRooms().catch(() => {})
  }, [isDue, tally])
}

function FoundRoom({ room, meId, now }: { room: RoomState; meId: UserId | undefined; now: Date }) {
  const format = useFormat()
  return (
    <li>
      <Link
        className="block hover:bg-sunken/60 focus-visible:-outline-offset-2"
        data-room={room.id}
        to={roomPath(room.id)}
      >
        <RoomRow
          muted={room.me.muted}
          name={roomFace(room, meId).name}
          online={room.online}
          preview={<RoomPreview draft="" meId={meId} room={room} />}
          time={format.listTime(room.lastMessage?.createdAt ?? room.updatedAt, now)}
          unread={room.me.unread}
        />
      </Link>
    </li>
  )
}
