import type { MessageState, RoomState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { type KeyboardEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createDayKey } from '../format/format.ts'
import { useFormat } from '../format/format-context.ts'
import { memberName } from '../rooms/room-face.ts'
import { useNow } from '../use-now.ts'
import { DayLine } from './day-line.tsx'
import { HistoryMessage, type MessageActions } from './history-message.tsx'
import { HistorySkeleton } from './history-skeleton.tsx'
import { NewBelowButton } from './new-below-button.tsx'
import { NewLine } from './new-line.tsx'
import { SystemLine } from './system-line.tsx'
import { type TimelineRow, timelineOf } from './timeline.ts'
import { useHistoryScroll } from './use-history-scroll.ts'
import { useJump } from './use-jump.ts'
import type { Jump } from './use-message-actions.ts'

export type HistoryProps = {
  room: RoomState
  meId: UserId | undefined
  items: readonly MessageState[]
  hasBefore: boolean
  hasAfter: boolean
  loading: boolean
  firstUnreadSeq: Seq | null
  newCount: number | null
  offline: boolean
  actions: MessageActions
  /** The message somebody asked to go to. */
  jump: Jump | null
  onLoadBefore: () => void
  onLoadAfter: () => void
  /** Loads the newest page, when it is not there. */
  onLoadNewest: () => Promise<void>
  onSeen: (seq: Seq) => void
}

/** The messages of a room. Only those near the screen exist in the page. */
export function History(props: HistoryProps) {
  const { room, meId, items, hasBefore, hasAfter, firstUnreadSeq, newCount, actions } = props
  const { t } = useTranslation()
  const now = useNow()
  const rows = useMemo(
    () =>
      timelineOf({
        items,
        hasBefore,
        meId,
        firstUnreadSeq,
        newCount,
        named: room.kind === 'group',
        dayKey: createDayKey(),
      }),
    [items, hasBefore, meId, firstUnreadSeq, newCount, room.kind],
  )
  const scroll = useHistoryScroll({ ...props, rows })
  const { virtualizer } = scroll
  const markedSeq = useJump(props.jump, virtualizer, rows)
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const [held, setHeld] = useState(false)

  const below = hasAfter
    ? Math.max(0, room.seq - scroll.seenSeq)
    : items.filter((item) => item.state === 'sent' && item.senderId !== meId && item.seq > scroll.seenSeq)
        .length
  const toNewest = async () => {
    if (hasAfter) await props.onLoadNewest()
    requestAnimationFrame(scroll.toEnd)
  }

  const shown = virtualizer.getVirtualItems()
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        className="quiet-scroll scroll-gutter @max-md:[scrollbar-width:none] flex min-h-0 flex-1 flex-col overflow-y-auto overflow-x-clip [overflow-anchor:none]"
        ref={scroll.scroller}
      >
        <div className="relative mt-auto shrink-0" style={{ height: virtualizer.getTotalSize() }}>
          <ol
            aria-busy={props.loading}
            aria-label={t('room.history')}
            className={`absolute inset-x-0 top-0 mx-auto w-full max-w-[1040px] px-4 @md:px-6 ${scroll.placed ? '' : 'invisible'}`}
            onKeyDown={(event) => moveFocus(event)}
            onPointerLeave={() => !held && setActiveKey(null)}
            style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}
          >
            {shown.map((item) => {
              const row = rows[item.index]
              if (row === undefined) return null
              return (
                <li
                  data-index={item.index}
                  key={item.key}
                  onFocus={() => !held && setActiveKey(row.key)}
                  onPointerEnter={() => !held && setActiveKey(row.key)}
                  ref={virtualizer.measureElement}
                  tabIndex={row.kind === 'message' ? (item.index === rows.length - 1 ? 0 : -1) : undefined}
                >
                  <Row
                    {...props}
                    active={row.key === activeKey}
                    actions={actions}
                    marked={
                      row.kind === 'message' && row.message.state === 'sent' && row.message.seq === markedSeq
                    }
                    now={now}
                    onHold={setHeld}
                    row={row}
                  />
                </li>
              )
            })}
          </ol>
        </div>
      </div>
      {!scroll.placed && (
        <div className="absolute inset-0 flex flex-col">
          <HistorySkeleton />
        </div>
      )}
      {scroll.placed && (!scroll.atEnd || hasAfter) && (
        <div className="absolute right-4 bottom-2 z-20 @md:right-6">
          <NewBelowButton count={below} onClick={() => void toNewest()} />
        </div>
      )}
    </div>
  )
}

type RowProps = HistoryProps & {
  row: TimelineRow
  active: boolean
  marked: boolean
  now: Date
  onHold: (held: boolean) => void
}

function Row({ row, room, now, ...rest }: RowProps) {
  const { t } = useTranslation()
  const format = useFormat()
  switch (row.kind) {
    case 'day':
      return <DayLine text={format.day(row.at, now)} />
    case 'new':
      return <NewLine count={row.count} />
    case 'name':
      return (
        <p className="truncate px-1 pb-1 text-1 font-semibold text-ink-2" dir="auto">
          {memberName(room, row.senderId) ?? t('person.former')}
        </p>
      )
    case 'system':
      return <SystemLine text={row.message.text} />
    case 'message':
      return <HistoryMessage {...rest} last={row.last} message={row.message} own={row.own} room={room} />
  }
}

/** Arrow keys go from message to message. */
function moveFocus(event: KeyboardEvent<HTMLOListElement>): void {
  const from = event.target
  if (!(from instanceof HTMLLIElement) || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLLIElement>('li[tabindex]')]
  const to = rows[rows.indexOf(from) + (event.key === 'ArrowUp' ? -1 : 1)]
  if (to === undefined) return
  event.preventDefault()
  to.focus({ preventScroll: false })
}
