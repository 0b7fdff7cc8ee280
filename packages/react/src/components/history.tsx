import type { MessageState, RoomState, SentMessage, UserId } from '@tally/client'
import { type CSSProperties, type ReactNode, useMemo, useState } from 'react'
import type { Messages } from '../hooks/use-messages.ts'
import type { Format } from '../texts/format.ts'
import type { Texts } from '../texts/texts.ts'
import { type MessageActions, MessageItem } from './message-item.tsx'
import { SystemLine } from './system-line.tsx'
import { type TimelineRow, timelineOf } from './timeline.ts'
import { useHistoryScroll } from './use-history-scroll.ts'
import { useSeen } from './use-seen.ts'

export type HistoryProps = {
  /** `undefined` where only what waits to be sent is known of it. */
  room: RoomState | undefined
  meId: UserId | undefined
  messages: Messages
  offline: boolean
  /** What is not loaded will not come by waiting. */
  away: boolean
  words: Texts
  format: Format
  actions: MessageActions
  renderContent: ((message: MessageState) => ReactNode) | undefined
  renderActions: ((message: SentMessage) => ReactNode) | undefined
  onProblem: () => void
}

/** The place is kept by us, the same in every browser. */
const SCROLLER: CSSProperties = { overflowY: 'auto', overflowAnchor: 'none' }

/** The messages of a room. What was on the screen counts as read. */
export function History(props: HistoryProps): ReactNode {
  const { meId, messages, words, format, away, onProblem } = props
  const { items, hasBefore, hasAfter, firstUnreadSeq, loading, handle } = messages
  const rows = useMemo(
    () => timelineOf({ items, hasBefore, meId, firstUnreadSeq, dayKey: format.dayKey }),
    [items, hasBefore, meId, firstUnreadSeq, format],
  )
  const attempt = (doing: Promise<void>) => void doing.catch(onProblem)
  const scroll = useHistoryScroll({
    rows,
    hasBefore,
    hasAfter,
    loading,
    onLoadBefore: () => attempt(handle.loadBefore()),
    onLoadAfter: () => attempt(handle.loadAfter()),
  })
  const [seenSeq, setSeenSeq] = useState(0)
  const onMark = useSeen((seq) => {
    setSeenSeq((before) => Math.max(before, seq))
    messages.markRead(seq)
  })
  const toNewest = () => {
    if (!hasAfter) scroll.toEnd()
    else attempt(handle.loadNewest().then(() => void requestAnimationFrame(scroll.toEnd)))
  }
  const drawing = { ...props, onMark }
  const emptyText = textOfEmpty(props)
  return (
    <div className="tally-history-place">
      <section
        aria-label={words.messages}
        className="tally-history"
        ref={scroll.scroller}
        style={SCROLLER}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
      >
        {emptyText !== null && <p className="tally-empty">{emptyText}</p>}
        <ol aria-busy={loading && !away} aria-label={words.messages}>
          {rows.map((row) => (
            <li key={row.key} {...(row.kind === 'new' ? { 'data-new-line': '' } : {})}>
              {drawRow(row, drawing)}
            </li>
          ))}
        </ol>
      </section>
      {(!scroll.atEnd || hasAfter) && (
        <button className="tally-to-newest" onClick={toNewest} type="button">
          {words.toNewest(countBelow(props, seenSeq))}
        </button>
      )}
    </div>
  )
}

/** What stands where messages would; `null`: they do. */
function textOfEmpty({ messages: { items, loading }, away, words }: HistoryProps): string | null {
  if (loading && away) return words.notConnected
  if (items.length > 0) return null
  return loading ? words.loading : words.noMessages
}

/** How many messages of others stand below the last one that was seen. */
function countBelow({ room, meId, messages }: HistoryProps, seenSeq: number): number {
  if (messages.hasAfter) return Math.max(0, (room?.seq ?? 0) - seenSeq)
  return messages.items.filter(
    (item) => item.state === 'sent' && item.senderId !== meId && item.seq > seenSeq,
  ).length
}

type Drawing = HistoryProps & { onMark: (mark: HTMLElement | null) => (() => void) | undefined }

function drawRow(row: TimelineRow, drawing: Drawing): ReactNode {
  const { room, meId, messages, words, format } = drawing
  switch (row.kind) {
    case 'day':
      return <p className="tally-day">{format.day(row.at)}</p>
    case 'new':
      return <p className="tally-new">{words.newMessages}</p>
    case 'system':
      return <SystemLine onMark={drawing.onMark} message={row.message} />
    case 'message': {
      const { message } = row
      const usable = message.state === 'sent' && message.deletedAt === undefined ? message : null
      return (
        <MessageItem
          actions={drawing.actions}
          content={drawing.renderContent?.(message)}
          extra={usable && drawing.renderActions?.(usable)}
          format={format}
          meId={meId}
          offline={drawing.offline}
          onMark={drawing.onMark}
          original={messages.items.find(
            (item): item is SentMessage => item.state === 'sent' && item.seq === message.replyTo,
          )}
          room={room}
          row={row}
          words={words}
        />
      )
    }
  }
}
