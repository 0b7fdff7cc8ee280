import type { MessageState, RoomState } from '@tally/client'
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
  onAction: (message: MessageState, action: MessageAction) => void
  onReact: (message: MessageState, emoji: string, on: boolean) => void
  onRetry: (message: MessageState) => void
  onDiscard: (message: MessageState) => void
  onJump: (seq: number) => void
}

type HistoryMessageProps = {
  message: MessageState
  own: boolean
  last: boolean
  room: RoomState
  meId: string | undefined
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
  const { t } = useTranslation()
  const format = useFormat()
  const readers = own ? readersOf(room, message.seq, meId) : { count: 0, all: false }
  const state: SendState | null = !own ? null : message.state === 'sent' && readers.all ? 'read' : message.state
  const usable = message.state === 'sent' && message.deletedAt === undefined
  const original = items.find((item) => item.state === 'sent' && item.seq === message.replyTo)

  return (
    <MessageRow
      marked={marked}
      message={message}
      meta={
        last && (
          <MessageMeta
            edited={message.editedAt !== undefined && message.deletedAt === undefined}
            onDiscard={() => actions.onDiscard(message)}
            onRetry={() => actions.onRetry(message)}
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
          <ReplyQuote
            name={original?.senderId === meId ? t('person.you') : memberName(room, original?.senderId ?? null)}
            onOpen={() => message.replyTo !== undefined && actions.onJump(message.replyTo)}
            text={original === undefined ? t('message.original') : original.deletedAt === undefined ? original.text : null}
          />
        )
      }
      reactions={
        <Reactions
          meId={meId}
          onReact={(emoji, on) => actions.onReact(message, emoji, on)}
          reactions={message.reactions}
        />
      }
      toolbar={
        active && usable ? (
          <MessageToolbar
            onAction={(action) => actions.onAction(message, action)}
            onOpenChange={onHold}
            onReact={(emoji) => actions.onReact(message, emoji, true)}
            own={own}
          />
        ) : null
      }
    />
  )
}
