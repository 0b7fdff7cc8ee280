import type { MessageState, PendingMessage, RoomState, SentMessage } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { memberName, readersOf } from '../rooms/room-face.ts'
import type { SendState } from '../ui/send-sign.tsx'
import { MessageMeta } from './message-meta.tsx'
import { MessageRow } from './message-row.tsx'
import { type MessageAction, MessageToolbar } from './message-toolbar.tsx'
import { Reactions } from './reactions.tsx'
import { ReplyQuote } from './reply-quote.tsx'

export type MessageActions = {
  onAction: (message: SentMessage, action: MessageAction) => void
  onReact: (message: SentMessage, emoji: string, on: boolean) => void
  onRetry: (message: PendingMessage) => void
  onDiscard: (message: PendingMessage) => void
  onJump: (seq: Seq) => void
}

type HistoryMessageProps = {
  message: MessageState
  own: boolean
  last: boolean
  room: RoomState
  meId: UserId | undefined
  items: readonly MessageState[]
  offline: boolean
  /** The pointer or the focus is on it. */
  active: boolean
  /** Somebody has just jumped to it. */
  marked: boolean
  actions: MessageActions
  onHold: (held: boolean) => void
}

/** A message of the history with everything that belongs to it. */
export function HistoryMessage(props: HistoryMessageProps) {
  const { message, own, last, room, meId, items, offline, active, marked, actions, onHold } = props
  const format = useFormat()
  const sent = message.state === 'sent' ? message : null
  const readers = own && sent !== null ? readersOf(room, sent.seq, meId) : { count: 0, all: false }
  const state: SendState | null = !own ? null : readers.all ? 'read' : message.state
  const usable = sent !== null && sent.deletedAt === undefined ? sent : null

  return (
    <MessageRow
      marked={marked}
      message={message}
      meta={
        last && (
          <MessageMeta
            edited={usable?.editedAt !== undefined}
            onDiscard={() => message.state !== 'sent' && actions.onDiscard(message)}
            onRetry={() => message.state !== 'sent' && actions.onRetry(message)}
            own={own}
            readers={room.kind === 'group' ? readers.count : 0}
            state={state}
            time={format.time(message.createdAt)}
            waiting={offline}
          />
        )
      }
      own={own}
      quote={
        message.replyTo !== undefined && (
          <Quote items={items} meId={meId} onJump={actions.onJump} room={room} seq={message.replyTo} />
        )
      }
      reactions={
        sent !== null && (
          <Reactions
            meId={meId}
            onReact={(emoji, on) => actions.onReact(sent, emoji, on)}
            reactions={sent.reactions}
          />
        )
      }
      toolbar={
        active && usable !== null ? (
          <MessageToolbar
            onAction={(action) => actions.onAction(usable, action)}
            onOpenChange={onHold}
            onReact={(emoji) => actions.onReact(usable, emoji, true)}
            own={own}
          />
        ) : null
      }
    />
  )
}

type QuoteProps = {
  seq: Seq
  room: RoomState
  meId: UserId | undefined
  items: readonly MessageState[]
  onJump: (seq: Seq) => void
}

function Quote({ seq, room, meId, items, onJump }: QuoteProps) {
  const { t } = useTranslation()
  const original = items.find((item): item is SentMessage => item.state === 'sent' && item.seq === seq)
  if (original === undefined) return <ReplyQuote name={null} onOpen={() => onJump(seq)} text={null} />
  return (
    <ReplyQuote
      name={
        original.senderId === meId
          ? t('person.you')
          : (memberName(room, original.senderId) ?? t('person.former'))
      }
      onOpen={() => onJump(seq)}
      text={original.deletedAt === undefined ? original.text : t('chats.deleted')}
    />
  )
}
