import type { MessageState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { memo } from 'react'
import { useFormat } from '../format/format-context.ts'
import type { SendState } from '../ui/send-sign.tsx'
import type { MessageActions } from './message-actions.ts'
import { MessageMeta } from './message-meta.tsx'
import { MessageRow } from './message-row.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import { Reactions } from './reactions.tsx'
import { ReplyQuote } from './reply-quote.tsx'
import { sendFailureOf } from './send-failure.ts'

type HistoryMessageProps = {
  message: MessageState
  own: boolean
  /** Who wrote it. */
  name: string
  last: boolean
  meId: UserId | undefined
  /** How far an own message has come; in a room of several how many have it, and have read it, of how many. */
  state: SendState | null
  deliveredTo: number
  readers: number
  others: number
  /** No connection: what is on its way waits for it. */
  waiting: boolean
  /** Who wrote the message it answers, and what; null while that is not loaded. */
  quoteName: string | null
  quoteText: string | null
  /** The pointer or the focus is on it. */
  active: boolean
  /** Somebody has just jumped to it. */
  marked: boolean
  actions: MessageActions
  onHold: (held: boolean) => void
}

/** A message of the history with everything that belongs to it. Drawn anew only when something of it changed. */
export const HistoryMessage = memo(function HistoryMessage(props: HistoryMessageProps) {
  const { message, own, last, meId, state, waiting, active, marked, actions, onHold } = props
  const format = useFormat()
  const { replyTo } = message
  const sent = message.state === 'sent' ? message : null
  const usable = sent !== null && sent.deletedAt === undefined ? sent : null

  return (
    <MessageRow
      marked={marked}
      message={message}
      meta={
        last && (
          <MessageMeta
            at={message.createdAt}
            deliveredTo={props.deliveredTo}
            failure={message.state === 'sent' ? undefined : sendFailureOf(message, actions)}
            moment={format.moment(message.createdAt)}
            own={own}
            others={props.others}
            readers={props.readers}
            state={state}
            time={format.time(message.createdAt)}
            waiting={waiting}
          />
        )
      }
      name={props.name}
      own={own}
      quote={
        replyTo !== undefined && (
          <ReplyQuote name={props.quoteName} onOpen={() => actions.onJump(replyTo)} text={props.quoteText} />
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
})
