import { isConnected, type RoomState } from '@tally/client'
import type { RoomId, UserId } from '@tally/protocol'
import {
  type ReactNode,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { useTranslation } from 'react-i18next'
import { useDrafts } from '../room/drafts.ts'
import { roomPath } from '../routing/route.ts'
import { useRouter } from '../routing/router.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { fetched, useFetched } from '../ui/fetched.ts'
import { useAttempt } from '../use-attempt.ts'
import { useNow } from '../use-now.ts'
import { filterRooms, type RoomFilter } from './filter-rooms.ts'
import { RoomFilters } from './room-filters.tsx'
import { RoomList } from './room-list.tsx'
import { RoomListSkeleton } from './room-list-skeleton.tsx'
import { RoomSearch } from './room-search.tsx'
import { RoomsHeader } from './rooms-header.tsx'

const searchResults = fetched(async () => (await import('../search/search-results.tsx')).SearchResults)

type RoomsPaneProps = {
  openRoomId: string | undefined
  /** The bell, and the foot with one's own name. */
  bell: ReactNode
  foot: ReactNode
}

/** Everything about the list of rooms. */
export function RoomsPane({ openRoomId, bell, foot }: RoomsPaneProps) {
  const tally = useTally()
  const attempt = useAttempt()
  const router = useRouter()
  const badge = useStore(tally.badge)
  const me = useStore(tally.me)
  const { items, loading, hasMore } = useStore(tally.rooms)
  const drafts = useDrafts()
  const now = useNow()
  const [filter, setFilter] = useState<RoomFilter>('all')
  const [query, setQuery] = useState('')
  const searched = useDeferredValue(query)
  const firstFoundId = useRef<RoomId | null>(null)
  const SearchResults = useFetched(searchResults, query.trim() !== '')
  const rooms = useMemo(
    () => filterRooms(items, { filter, query: searched, meId: me?.id }),
    [items, filter, searched, me?.id],
  )
  const connection = useStore(tally.connection)
  const canLoad = isConnected(connection) && hasMore && !loading
  const loadMore = useCallback(() => {
    // Nobody asked for it by hand, and it is tried again.
    if (canLoad) tally.loadMoreRooms().catch(() => {})
  }, [canLoad, tally])
  // Rows read their draft when they are drawn; a changed one draws them anew.
  useSyncExternalStore(drafts.subscribe, drafts.version)

  const openFirst = () => {
    if (query.trim() === '') return
    // What is shown may be a letter behind what was typed.
    const [first] = filterRooms(items, { filter, query, meId: me?.id })
    const roomId = first?.id ?? firstFoundId.current
    if (roomId !== null) router.go(roomPath(roomId))
  }
  return (
    <>
      <RoomsHeader badge={badge} onMarkAllRead={() => attempt(tally.markAllRead())}>
        {bell}
      </RoomsHeader>
      <RoomSearch onChange={setQuery} onSubmit={openFirst} value={query} />
      {searched.trim() === '' ? (
        <>
          <RoomFilters onChange={setFilter} unreadRooms={badge?.unreadRooms ?? 0} value={filter} />
          <Rooms
            draftOf={drafts.get}
            filter={filter}
            loading={rooms.length === 0 && (hasMore || loading)}
            meId={me?.id}
            now={now}
            offline={connection.state === 'offline'}
            onNearEnd={loadMore}
            openRoomId={openRoomId}
            rooms={rooms}
          />
        </>
      ) : SearchResults === null ? (
        <RoomListSkeleton />
      ) : (
        <SearchResults
          allRooms={items}
          firstRoomId={firstFoundId}
          hasMore={hasMore}
          listed={rooms}
          meId={me?.id}
          now={now}
          query={searched}
        />
      )}
      {foot}
    </>
  )
}

const EMPTY = {
  all: 'emptyAll',
  unread: 'emptyUnread',
  muted: 'emptyMuted',
  archived: 'emptyArchived',
} as const

type RoomsProps = {
  rooms: readonly RoomState[]
  loading: boolean
  /** What is being loaded does not come. */
  offline: boolean
  filter: RoomFilter
  meId: UserId | undefined
  openRoomId: string | undefined
  now: Date
  draftOf: (roomId: RoomId) => string
  onNearEnd: () => void
}

function Rooms({ loading, offline, filter, ...list }: RoomsProps) {
  const { t } = useTranslation()
  const { rooms, onNearEnd } = list
  // Where nothing fits, what is not loaded yet may.
  useEffect(() => {
    if (rooms.length === 0) onNearEnd()
  }, [rooms.length, onNearEnd])
  if (loading && !offline) return <RoomListSkeleton />
  if (rooms.length > 0) return <RoomList {...list} />
  return (
    <p className="min-h-0 flex-1 px-4 py-8 text-center text-ink-2">
      {loading ? t('connection.none') : t(`chats.${EMPTY[filter]}`)}
    </p>
  )
}
