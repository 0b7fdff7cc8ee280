import type { RoomId, RoomState, UserId } from '@tally/client'
import { type MouseEvent, memo, type ReactNode } from 'react'
import type { Format } from '../texts/format.ts'
import type { Texts } from '../texts/texts.ts'
import { Avatar } from './avatar.tsx'
import { CountBadge } from './count-badge.tsx'
import { roomFace } from './room-face.ts'

type RoomRowProps = {
  room: RoomState
  meId: UserId | undefined
  words: Texts
  format: Format
  now: Date
  current: boolean
  /** The one row that Tab goes to. */
  isTabStop: boolean
  href: string | undefined
  /** In place of what a row shows. */
  content: ReactNode
  onSelect: ((roomId: RoomId) => void) | undefined
  onFocus: (roomId: RoomId) => void
}

/** A room in the list. Drawn anew only when something of it changed. */
export const RoomRow = memo(function RoomRow(props: RoomRowProps): ReactNode {
  const { room, current, href, onSelect } = props
  const shared = {
    'aria-current': current ? ('true' as const) : undefined,
    className: 'tally-room',
    'data-room-id': room.id,
    'data-unread': room.me.unread > 0 && !room.me.muted ? 'true' : undefined,
    onFocus: () => props.onFocus(room.id),
    tabIndex: props.isTabStop ? 0 : -1,
  }
  const content = props.content ?? <RowContent {...props} />
  if (href === undefined) {
    return (
      <button {...shared} onClick={() => onSelect?.(room.id)} type="button">
        {content}
      </button>
    )
  }
  const follow = (event: MouseEvent) => {
    // A new tab or window is the browser's business.
    if (onSelect === undefined || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onSelect(room.id)
  }
  return (
    <a {...shared} href={href} onClick={follow}>
      {content}
    </a>
  )
})

function RowContent({ room, meId, words, format, now }: RoomRowProps): ReactNode {
  const { unread, muted } = room.me
  const { name } = roomFace(room, meId, words.formerMember)
  return (
    <>
      <Avatar name={name} online={room.online} words={words} />
      <span className="tally-room-name" dir="auto">
        {name}
        {muted && <span className="tally-room-muted"> {words.muted}</span>}
      </span>
      <span className="tally-room-time">
        {format.listTime(room.lastMessage?.createdAt ?? room.updatedAt, now)}
      </span>
      <span className="tally-room-preview" dir="auto">
        {previewOf(room, words)}
      </span>
      <CountBadge count={unread} label={words.unreadMessages(unread)} muted={muted} />
    </>
  )
}

function previewOf(room: RoomState, words: Texts): string {
  if (room.typing.length > 0) {
    return words.typing(
      room.typing.map((id) => room.members.find((it) => it.userId === id)?.name ?? words.formerMember),
    )
  }
  if (room.lastMessage === null) return words.noMessages
  return room.lastMessage.text === '' ? words.deletedMessage : room.lastMessage.text
}
