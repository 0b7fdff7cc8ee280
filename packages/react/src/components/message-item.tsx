import type { MessageState, Reaction, RoomState, SentMessage, UserId } from '@tally/client'
import { memo, type ReactNode } from 'react'
import type { Format } from '../texts/format.ts'
import type { Texts } from '../texts/texts.ts'
import { memberName } from './room-face.ts'
import type { TimelineRow } from './timeline.ts'
import { useMark } from './use-seen.ts'

/** What can be done with a message. The same functions while the room is the same. */
export type MessageActions = {
  onReply: (message: SentMessage) => void
  onReact: (message: SentMessage, emoji: Reaction['emoji'], on: boolean) => void
  onRetry: (message: MessageState) => void
  onDiscard: (message: MessageState) => void
}

export type MessageItemProps = {
  row: Extract<TimelineRow, { kind: 'message' }>
  room: RoomState | undefined
  meId: UserId | undefined
  /** The message it answers, as far as it is loaded. */
  original: SentMessage | undefined
  /** There is no connection: what is on its way waits for one. */
  offline: boolean
  words: Texts
  format: Format
  actions: MessageActions
  /** In place of its text. */
  content: ReactNode
  extra: ReactNode
  onMark: (mark: HTMLElement | null) => (() => void) | undefined
}

/** A message with everything that belongs to it. Always text: nothing in it becomes markup or a link. */
export const MessageItem = memo(function MessageItem(props: MessageItemProps): ReactNode {
  const { row, room, meId, original, words, actions, onMark } = props
  const { message, own, named } = row
  const sent = message.state === 'sent' ? message : null
  const deleted = sent?.deletedAt !== undefined
  const mark = useMark(onMark)
  const name = own ? words.you : memberName(room, sent?.senderId ?? null, words.formerMember)
  return (
    <article
      aria-label={name}
      className="tally-message"
      data-own={own ? 'true' : undefined}
      data-state={message.state}
    >
      {named && (
        <p className="tally-message-name" dir="auto">
          {name}
        </p>
      )}
      <div className="tally-bubble" data-deleted={deleted ? 'true' : undefined}>
        {message.replyTo !== undefined && !deleted && (
          <blockquote className="tally-quote" dir="auto">
            {original === undefined || original.deletedAt !== undefined
              ? words.deletedMessage
              : original.text}
          </blockquote>
        )}
        {deleted ? (
          <p>{words.deletedMessage}</p>
        ) : (
          (props.content ?? (
            <p className="tally-text" dir="auto">
              {message.text}
            </p>
          ))
        )}
      </div>
      {sent !== null && !deleted && (
        <div className="tally-message-tools">
          <Reactions
            meId={meId}
            onReact={(emoji, on) => actions.onReact(sent, emoji, on)}
            reactions={sent.reactions}
            words={words}
          />
          <button className="tally-quiet tally-reply" onClick={() => actions.onReply(sent)} type="button">
            {words.reply}
          </button>
          {props.extra}
        </div>
      )}
      {row.last && <Meta {...props} />}
      <span aria-hidden="true" className="tally-mark" data-seen-seq={sent?.seq ?? 0} ref={mark} />
    </article>
  )
})

function Meta({ row, room, meId, offline, words, format, actions }: MessageItemProps): ReactNode {
  const { message, own } = row
  const edited = message.state === 'sent' && message.editedAt !== undefined && message.deletedAt === undefined
  return (
    <div className="tally-meta">
      <time dateTime={message.createdAt}>{format.time(message.createdAt)}</time>
      {edited && <span>{words.edited}</span>}
      {own && <span className="tally-send-state">{sendState({ message, room, meId, offline, words })}</span>}
      {message.state === 'failed' && (
        <>
          <button className="tally-quiet" onClick={() => actions.onRetry(message)} type="button">
            {words.retry}
          </button>
          <button className="tally-quiet" onClick={() => actions.onDiscard(message)} type="button">
            {words.discard}
          </button>
        </>
      )}
    </div>
  )
}

type SendStateInput = Pick<MessageItemProps, 'room' | 'meId' | 'offline' | 'words'> & {
  message: MessageState
}

/** How far an own message has come, in words. */
function sendState({ message, room, meId, offline, words }: SendStateInput): string {
  if (message.state !== 'sent') {
    if (message.state === 'failed') return words.notSent
    return offline ? words.queued : words.sending
  }
  if (room === undefined) return words.sent
  const ever = room.members.filter((member) => member.userId !== meId)
  const here = ever.filter((member) => !member.left)
  // Where nobody is any more, it is what it was.
  const others = here.length === 0 ? ever : here
  const readers = others.filter((member) => member.readSeq >= message.seq).length
  // A large group shows its first members only: of the rest nobody here knows.
  const count = Math.max(others.length, room.memberCount - 1)
  if (readers > 0) return readers === count ? words.read : words.readBy(readers)
  const isDelivered =
    count > 0 && others.filter((member) => member.deliveredSeq >= message.seq).length === count
  return isDelivered ? words.delivered : words.sent
}

type ReactionsProps = {
  reactions: readonly Reaction[]
  meId: UserId | undefined
  words: Texts
  onReact: (emoji: Reaction['emoji'], on: boolean) => void
}

function Reactions({ reactions, meId, words, onReact }: ReactionsProps): ReactNode {
  return reactions.map(({ emoji, userIds }) => {
    const mine = meId !== undefined && userIds.includes(meId)
    return (
      <button
        aria-label={words.reaction(emoji, userIds.length)}
        aria-pressed={mine}
        className="tally-reaction"
        key={emoji}
        onClick={() => onReact(emoji, !mine)}
        type="button"
      >
        {emoji} {userIds.length}
      </button>
    )
  })
}
