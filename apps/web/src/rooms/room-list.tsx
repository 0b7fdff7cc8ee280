import type { RoomState } from '@tally/client'
import type { RoomId, UserId } from '@tally/protocol'
import { type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { rangeWith } from '../ui/range-with.ts'
import { RoomListItem } from './room-list-item.tsx'
import { ROOM_ROW_PX } from './room-row-height.ts'
import { useSteadyOrder } from './use-steady-order.ts'

type RoomListProps = {
  rooms: readonly RoomState[]
  meId: UserId | undefined
  openRoomId: string | undefined
  now: Date
  draftOf: (roomId: RoomId) => string
  /** The end of what is loaded is near. */
  onNearEnd?: () => void
}

/**
 * The rooms, newest first. Only rows near the screen exist. A room that gets a message glides to the top; where the
 * list is scrolled down, what the person looks at stays where it is.
 */
export function RoomList({ rooms, meId, openRoomId, now, draftOf, onNearEnd }: RoomListProps) {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  // The row that had the focus last, or was opened since: whoever comes back to the list by Tab comes back to it.
  const [usedId, setUsedId] = useState(openRoomId)
  const usedIndex = rooms.findIndex((room) => room.id === usedId)

  const virtualizer = useVirtualizer({
    count: rooms.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROOM_ROW_PX,
    getItemKey: (index) => rooms[index]?.id ?? index,
    overscan: 8,
    rangeExtractor: useCallback((range: Range) => rangeWith(range, usedIndex), [usedIndex]),
  })
  const tabStop = usedIndex < 0 ? (virtualizer.range?.startIndex ?? 0) : usedIndex
  useSteadyOrder(scroller, rooms)
  const nearEnd = (virtualizer.range?.endIndex ?? 0) >= rooms.length - 10
  useEffect(() => {
    if (nearEnd) onNearEnd?.()
  }, [nearEnd, onNearEnd])

  const focusRow = (index: number) => {
    const room = rooms[index]
    if (room === undefined) return
    setUsedId(room.id)
    virtualizer.scrollToIndex(index)
    // The row may only come into the page with the next frame.
    requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLElement>(`[data-index="${index}"] a`)
        ?.focus({ preventScroll: true })
    })
  }
  // A room that closes takes the focus with it: it goes to the row the room was opened from.
  const lastOpenId = useRef(openRoomId)
  useLayoutEffect(() => {
    const closedId = lastOpenId.current
    lastOpenId.current = openRoomId
    if (openRoomId !== undefined && openRoomId !== closedId) setUsedId(openRoomId)
    if (openRoomId !== undefined || closedId === undefined || document.activeElement !== document.body) return
    focusRow(
      Math.max(
        0,
        rooms.findIndex((room) => room.id === closedId),
      ),
    )
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const target = { ArrowDown: tabStop + 1, ArrowUp: tabStop - 1, Home: 0, End: rooms.length - 1 }[event.key]
    if (target === undefined || target < 0 || target >= rooms.length) return
    event.preventDefault()
    focusRow(target)
  }

  return (
    <div className="quiet-scroll min-h-0 flex-1 overflow-y-auto" ref={scroller}>
      <ul
        aria-label={t('chats.list')}
        className="relative"
        onKeyDown={onKeyDown}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const room = rooms[item.index]
          if (room === undefined) return null
          return (
            <RoomListItem
              draft={draftOf(room.id)}
              index={item.index}
              key={item.key}
              meId={meId}
              now={now}
              onFocus={setUsedId}
              open={room.id === openRoomId}
              room={room}
              start={item.start}
              tabStop={item.index === tabStop}
            />
          )
        })}
      </ul>
    </div>
  )
}
