import type { MessageState, RoomState, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { memberName, reachOf } from '../rooms/room-face.ts'
import { DayLine } from './day-line.tsx'
import { HistoryMessage } from './history-message.tsx'
import type { MessageActions } from './message-actions.ts'
import { NewLine } from './new-line.tsx'
import { SystemLine } from './system-line.tsx'
import type { TimelineRow } from './timeline.ts'

type HistoryRowProps = {
  row: TimelineRow
  room: RoomState
  meId: UserId | undefined
  items: readonly MessageState[]
  offline: boolean
  active: boolean
  markedSeq: number | null
  now: Date
  actions: MessageActions
  onHold: (held: boolean) => void
}

/** A row of the history, whatever it is. */
export function HistoryRow({ row, now, ...rest }: HistoryRowProps) {
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
          {memberName(rest.room, row.senderId) ?? t('person.former')}
        </p>
      )
    case 'system':
      return <SystemLine text={row.message.text} />
    case 'message':
      return <Message row={row} {...rest} />
  }
}

type MessageProps = Omit<HistoryRowProps, 'row' | 'now'> & { row: Extract<TimelineRow, { kind: 'message' }> }

/** Looks up what of the room belongs to the message, so that only changes of that draw it anew. */
function Message({ row, room, meId, items, offline, active, markedSeq, actions, onHold }: MessageProps) {
  const { t } = useTranslation()
  const { message, own, last } = row
  const seq = message.state === 'sent' ? message.seq : null
  const reach = own && seq !== null ? reachOf(room, seq, meId) : null
  const many = room.kind === 'group' ? reach : null
  const original = items.find(
    (item): item is SentMessage => item.state === 'sent' && item.seq === message.replyTo,
  )
  const nameOf = (senderId: UserId | null) =>
    senderId === meId ? t('person.you') : (memberName(room, senderId) ?? t('person.former'))
  const quoteText = ({ deletedAt, text }: SentMessage) =>
    deletedAt === undefined ? text : t('chats.deleted')
  return (
    <HistoryMessage
      actions={actions}
      active={active}
      last={last}
      marked={seq !== null && seq === markedSeq}
      meId={meId}
      message={message}
      name={own ? t('person.you') : nameOf(message.state === 'sent' ? message.senderId : null)}
      onHold={onHold}
      own={own}
      quoteName={original === undefined ? null : nameOf(original.senderId)}
      quoteText={original === undefined ? null : quoteText(original)}
      deliveredTo={many?.delivered ?? 0}
      others={many?.of ?? 0}
      readers={many?.read ?? 0}
      state={own ? (reach?.state ?? message.state) : null}
      waiting={offline}
    />
  )
}
