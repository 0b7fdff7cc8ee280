import type { MessageState, RoomState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createDayKey } from '../format/format.ts'
import { useAttempt } from '../use-attempt.ts'
import { useNow } from '../use-now.ts'
import { HistoryRow } from './history-row.tsx'
import { HistorySkeleton } from './history-skeleton.tsx'
import type { MessageActions } from './message-actions.ts'
import { NewBelowButton } from './new-below-button.tsx'
import { type TimelineRow, timelineOf } from './timeline.ts'
import { useHistoryScroll } from './use-history-scroll.ts'
import type { Jump } from './use-jumps.ts'
import type { Written } from './use-writing.ts'

type HistoryProps = Written & {
  room: RoomState
  meId: UserId | undefined
  items: readonly MessageState[]
  hasBefore: boolean
  hasAfter: boolean
  loading: boolean
  firstUnreadSeq: Seq | null
  newCount: number | null
  offline: boolean
  /** Something was asked from a message: its bar stays, and has the focus again afterwards. */
  asking: boolean
  actions: MessageActions
  jump: Jump | null
  onLoadBefore: () => void
  onLoadAfter: () => void
  /** Loads the newest page, when it is not there. */
  onLoadNewest: () => Promise<void>
  onSeen: (seq: Seq) => void
}

/** Rows that may be on a screen at once. */
const NEAR_ROWS = 40

/** The messages of a room. Only those near the screen exist in the page. */
export function History(props: HistoryProps) {
  const { room, meId, items, hasBefore, hasAfter, firstUnreadSeq, newCount, actions } = props
  const { t } = useTranslation()
  const attempt = useAttempt()
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
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const [menuOpen, setMenuOpen] = useState(false)
  const held = menuOpen || props.asking

  const below = newBelow(props, scroll.seenSeq)
  const toNewest = async () => {
    if (hasAfter) await props.onLoadNewest()
    requestAnimationFrame(scroll.toEnd)
  }

  const shown = virtualizer.getVirtualItems()
  const tabStop = tabStopOf(rows, { activeKey, lastShown: virtualizer.range?.endIndex ?? rows.length - 1 })
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
            onBlur={() => scroll.onFocus(null)}
            onKeyDown={(event) => moveFocus(event)}
            onPointerLeave={(event) => hovers(event) && !held && setActiveKey(null)}
            style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}
          >
            {shown.map((item, place) => {
              const row = rows[item.index]
              if (row === undefined) return null
              // Only a row that stays in the page for its focus stands apart from the others.
              const gapPx = item.start - (shown[place - 1]?.end ?? item.start)
              return (
                <li
                  data-index={item.index}
                  key={item.key}
                  onFocus={() => {
                    scroll.onFocus(row.key)
                    if (!held) setActiveKey(row.key)
                  }}
                  // Not as it enters: rows come under a pointer that rests, and whoever uses the keys would lose the bar.
                  onPointerMove={(event) => hovers(event) && !held && setActiveKey(row.key)}
                  ref={virtualizer.measureElement}
                  style={gapPx > 0 ? { marginTop: gapPx } : undefined}
                  tabIndex={row.kind === 'message' ? (row.key === tabStop ? 0 : -1) : undefined}
                >
                  <HistoryRow
                    actions={actions}
                    active={row.key === activeKey}
                    items={items}
                    markedSeq={scroll.markedSeq}
                    meId={meId}
                    now={now}
                    offline={props.offline}
                    onHold={setMenuOpen}
                    room={room}
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
        // In the middle it lies over the least of what was said.
        <div className="pointer-events-none absolute inset-x-4 bottom-2 z-20 grid justify-center *:pointer-events-auto">
          <NewBelowButton count={below} onClick={() => attempt(toNewest())} />
        </div>
      )}
    </div>
  )
}

/** A finger is over nothing: it leaves with every tap, before what was tapped hears of it. A tap gives the focus instead. */
function hovers({ pointerType }: PointerEvent): boolean {
  return pointerType !== 'touch'
}

/** Messages below what was read or seen; of those that are not loaded nobody here knows whose they are. */
function newBelow({ room, meId, items, hasAfter }: HistoryProps, seenSeq: number): number {
  const readSeq = Math.max(seenSeq, room.me.readSeq)
  if (hasAfter) return Math.max(0, room.seq - readSeq)
  return items.filter(
    (item) => item.state === 'sent' && item.seq > readSeq && item.senderId !== null && item.senderId !== meId,
  ).length
}

/** The one message that Tab goes to: the one that was last in use, while it is near, else the last one on the screen. */
function tabStopOf(
  rows: readonly TimelineRow[],
  { activeKey, lastShown }: { activeKey: string | null; lastShown: number },
): string | undefined {
  const near = rows.slice(Math.max(0, lastShown - NEAR_ROWS), lastShown + 1)
  const isStop = (row: TimelineRow) => row.kind === 'message'
  return (near.find((row) => isStop(row) && row.key === activeKey) ?? near.findLast(isStop))?.key
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
