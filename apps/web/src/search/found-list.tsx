import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { memberName, roomFace } from '../rooms/room-face.ts'
import { Link } from '../routing/link.tsx'
import { roomPath } from '../routing/route.ts'
import { MoreButton } from '../ui/more-button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Excerpt } from './excerpt.tsx'
import type { MessageSearch } from './use-message-search.ts'

type FoundListProps = {
  found: MessageSearch
  rooms: readonly RoomState[]
  meId: UserId | undefined
  now: Date
  /** Within one room its name need not stand at every message; who said it does. */
  inRoom?: boolean
  onOpen?: () => void
}

/** Messages that were found, each leading to its place. */
export function FoundList({ found, rooms, meId, now, inRoom = false, onOpen }: FoundListProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const words = useWords(found)
  const isEmpty = found.items.length === 0
  const headOf = (roomId: string, senderId: UserId | null) => {
    const room = rooms.find(({ id }) => id === roomId)
    // It was found on the server; the list here may not be that far yet.
    if (room === undefined) return t('search.elsewhere')
    if (!inRoom) return roomFace(room, meId).name ?? t('person.former')
    return senderId === meId ? t('person.you') : (memberName(room, senderId) ?? t('person.former'))
  }
  return (
    <>
      {/* There before its words are: only so they are heard. */}
      <div className="relative" role="status">
        {words !== null && <p className={isEmpty ? 'px-4 py-3 text-ink-2' : 'sr-only'}>{words}</p>}
      </div>
      {isEmpty && found.state === 'searching' && <FoundSkeleton />}
      {!isEmpty && (
        <ul aria-busy={found.state === 'searching'} aria-label={t('search.found')}>
          {found.items.map((item) => (
            <li key={item.id}>
              <Link
                className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 px-4 py-2 hover:bg-sunken/60 focus-visible:-outline-offset-2"
                onClick={onOpen}
                to={roomPath(item.roomId, item.seq)}
              >
                <span className="truncate font-semibold" dir="auto">
                  {headOf(item.roomId, item.senderId)}
                </span>
                <span className="text-1 leading-5 whitespace-nowrap text-ink-3 tabular">
                  {format.listTime(item.createdAt, now)}
                </span>
                <span className="col-span-2 line-clamp-2 wrap-anywhere text-ink-2" dir="auto">
                  <Excerpt matches={item.matches} text={item.excerpt} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {found.hasMore && <MoreButton busy={found.loadingMore} onClick={found.loadMore} />}
    </>
  )
}

/** How the search went; `null` while it goes on. */
function useWords({ state, items, hasMore }: MessageSearch): string | null {
  const { t } = useTranslation()
  if (state === 'searching') return null
  if (state !== 'there') return t(`search.${state}`)
  if (items.length > 0) return t('search.count', { count: items.length })
  return hasMore ? null : t('search.nothing')
}

function FoundSkeleton() {
  return (
    <div aria-hidden="true">
      {['w-24', 'w-32', 'w-20'].map((width) => (
        <div className="grid gap-2 px-4 py-2.5" key={width}>
          <Skeleton className={`h-4 ${width}`} />
          <Skeleton className="h-4 w-56" />
        </div>
      ))}
    </div>
  )
}
