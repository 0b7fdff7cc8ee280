import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { roomFace } from '../rooms/room-face.ts'
import { RoomPreview } from '../rooms/room-preview.tsx'
import { RoomRow } from '../rooms/room-row.tsx'
import { Link } from '../routing/link.tsx'
import { roomPath } from '../routing/route.ts'
import { FoundList } from './found-list.tsx'
import { useMessageSearch } from './use-message-search.ts'

/** More chats than this nobody reads through: one types on. */
const MOST_ROOMS = 20

type SearchResultsProps = {
  query: string
  /** Those whose name, people or last message have it. */
  rooms: readonly RoomState[]
  allRooms: readonly RoomState[]
  meId: UserId | undefined
  now: Date
}

/** What was found: chats at once, messages as soon as the server knows. */
export function SearchResults({ query, rooms, allRooms, meId, now }: SearchResultsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const found = useMessageSearch(query)
  return (
    <div className="quiet-scroll min-h-0 flex-1 overflow-y-auto pb-4">
      <h2 className="px-4 pt-3 pb-1 text-1 font-semibold text-ink-2">{t('search.chats')}</h2>
      {rooms.length === 0 ? (
        <p className="px-4 py-3 text-ink-2">{t('chats.emptySearch', { query: query.trim() })}</p>
      ) : (
        <ul aria-label={t('search.chats')}>
          {rooms.slice(0, MOST_ROOMS).map((room) => (
            <li key={room.id}>
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
          ))}
        </ul>
      )}
      <h2 className="px-4 pt-4 pb-1 text-1 font-semibold text-ink-2">{t('search.messages')}</h2>
      <FoundList found={found} meId={meId} now={now} rooms={allRooms} />
    </div>
  )
}
