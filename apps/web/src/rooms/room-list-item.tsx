import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { memo } from 'react'
import { useFormat } from '../format/format-context.ts'
import { Link } from '../routing/link.tsx'
import { roomPath } from '../routing/route.ts'
import { roomFace } from './room-face.ts'
import { RoomPreview } from './room-preview.tsx'
import { RoomRow } from './room-row.tsx'

type RoomListItemProps = {
  room: RoomState
  meId: UserId | undefined
  draft: string
  now: Date
  open: boolean
  /** Its place in the list, and where that is in pixels. */
  index: number
  start: number
  /** The one row that Tab goes to; arrow keys reach the others. */
  tabStop: boolean
  onFocus: (roomId: string) => void
}

/** A room in the list: the row, and the link that opens it. Drawn anew only when something of it changed. */
export const RoomListItem = memo(function RoomListItem({
  room,
  meId,
  draft,
  now,
  open,
  index,
  start,
  tabStop,
  onFocus,
}: RoomListItemProps) {
  const format = useFormat()
  const at = room.lastMessage?.createdAt ?? room.updatedAt
  return (
    <li
      className="absolute inset-x-0 top-0 transition-transform duration-160 ease-out in-data-still:transition-none"
      data-index={index}
      style={{ transform: `translateY(${start}px)` }}
    >
      <Link
        aria-current={open ? 'page' : undefined}
        className={`block focus-visible:-outline-offset-2 ${open ? 'bg-sunken' : 'hover:bg-sunken/60'}`}
        data-room={room.id}
        onFocus={() => onFocus(room.id)}
        tabIndex={tabStop ? 0 : -1}
        to={roomPath(room.id)}
      >
        <RoomRow
          muted={room.me.muted}
          name={roomFace(room, meId).name}
          online={room.online}
          preview={<RoomPreview draft={open ? '' : draft} meId={meId} room={room} />}
          time={format.listTime(at, now)}
          unread={room.me.unread}
        />
      </Link>
    </li>
  )
})
