import { useMemo, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useDrafts } from '../room/drafts.ts'
import { RoomList } from '../rooms/room-list.tsx'
import { RoomListSkeleton } from '../rooms/room-list-skeleton.tsx'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Badge } from '../ui/badge.tsx'
import { useNow } from '../use-now.ts'

/** The list on a phone: the title, the total, the rooms. */
export function PhoneList() {
  const { t } = useTranslation()
  const tally = useTally()
  const badge = useStore(tally.badge)
  const me = useStore(tally.me)
  const { items } = useStore(tally.rooms)
  const drafts = useDrafts()
  const now = useNow()
  useSyncExternalStore(drafts.subscribe, drafts.version)
  const rooms = useMemo(() => items.filter((room) => !room.me.archived), [items])
  const total = badge?.total ?? 0
  return (
    <>
      <header className="flex items-center gap-2.5 px-4 pt-5 pb-3">
        <h3 className="text-4 font-bold tracking-[-0.01em]">{t('chats.title')}</h3>
        <span className="flex" data-testid="total">
          <Badge count={total} label={t('badge.unread', { count: total })} />
        </span>
      </header>
      {items.length === 0 ? (
        <RoomListSkeleton />
      ) : (
        <RoomList draftOf={drafts.get} meId={me?.id} now={now} openRoomId={undefined} rooms={rooms} />
      )}
    </>
  )
}
