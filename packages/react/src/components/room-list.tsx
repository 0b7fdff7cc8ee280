import type { RoomId, RoomState } from '@tally/client'
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { useMe } from '../hooks/use-me.ts'
import { useRooms } from '../hooks/use-rooms.ts'
import type { Texts } from '../texts/texts.ts'
import { useWording } from '../texts/texts-context.ts'
import { classNames } from './class-names.ts'
import { RoomRow } from './room-row.tsx'
import { useAway } from './use-away.ts'
import { useNow } from './use-now.ts'

export type RoomListProps = {
  /** The one that is open beside the list. */
  selectedRoomId?: RoomId | null | undefined
  onSelect?: (roomId: RoomId) => void
  /** The address of a room: rows become links, and `onSelect` takes the place of following one. */
  hrefOf?: (roomId: RoomId) => string
  /** Which rooms are shown; all but the archived ones unless given. */
  filter?: (room: RoomState) => boolean
  /** What stands in a row, in place of name, last message, time and badge. */
  renderRoom?: (room: RoomState) => ReactNode
  texts?: Partial<Texts>
  className?: string
}

const isNotArchived = (room: RoomState) => !room.me.archived

/** The person's rooms, newest first, each with its unread number. Tab reaches the list, the arrow keys its rows. */
export function RoomList(props: RoomListProps): ReactNode {
  const { selectedRoomId = null, filter = isNotArchived, texts, className } = props
  const { texts: words, format } = useWording(texts)
  const { items, loading, hasMore, loadMore } = useRooms()
  const away = useAway()
  const meId = useMe()?.id
  const now = useNow()
  const list = useRef<HTMLUListElement>(null)
  const [focusedId, setFocusedId] = useState<RoomId | null>(null)
  const [failed, setFailed] = useState(false)
  const rooms = items.filter(filter)
  const loadingText = away ? words.notConnected : words.loading
  const emptyText = loading ? loadingText : words.noRooms
  const tabStop =
    [focusedId, selectedRoomId].find((id) => rooms.some((room) => room.id === id)) ?? rooms[0]?.id

  const more = () => {
    setFailed(false)
    loadMore().catch(() => setFailed(true))
  }
  return (
    <div aria-busy={loading && !away} className={classNames('tally tally-rooms', className)}>
      {rooms.length === 0 && <p className="tally-empty">{emptyText}</p>}
      <ul
        aria-label={words.rooms}
        className="tally-room-list"
        onKeyDown={(event) => moveFocus(event, list.current)}
        ref={list}
      >
        {rooms.map((room) => (
          <li key={room.id}>
            <RoomRow
              content={props.renderRoom?.(room)}
              current={room.id === selectedRoomId}
              format={format}
              href={props.hrefOf?.(room.id)}
              isTabStop={room.id === tabStop}
              meId={meId}
              now={now}
              onFocus={setFocusedId}
              onSelect={props.onSelect}
              room={room}
              words={words}
            />
          </li>
        ))}
      </ul>
      {failed && (
        <p className="tally-problem" role="alert">
          {words.failed}
        </p>
      )}
      {hasMore && (
        <button className="tally-more" disabled={loading} onClick={more} type="button">
          {words.more}
        </button>
      )}
    </div>
  )
}

function moveFocus(event: KeyboardEvent, list: HTMLUListElement | null): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>('[data-room-id]') ?? [])]
  const at = rows.indexOf(event.target as HTMLElement)
  if (at < 0) return
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
  const row = to === undefined ? undefined : rows[to]
  if (row === undefined) return
  event.preventDefault()
  row.focus()
}
