import { isConnected, type MessageState, RequestError, type RoomId, type SentMessage } from '@tally/client'
import { type ReactNode, useMemo, useState } from 'react'
import { useConnection } from '../hooks/use-connection.ts'
import { useMe } from '../hooks/use-me.ts'
import { useMessages } from '../hooks/use-messages.ts'
import { useRoom } from '../hooks/use-room.ts'
import { useTally } from '../tally-context.ts'
import type { Texts } from '../texts/texts.ts'
import { useWording } from '../texts/texts-context.ts'
import { classNames } from './class-names.ts'
import { History } from './history.tsx'
import { MessageInput } from './message-input.tsx'
import type { MessageActions } from './message-item.tsx'
import { memberName } from './room-face.ts'
import { RoomHead } from './room-head.tsx'
import { useAway } from './use-away.ts'
import { useIncoming } from './use-incoming.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

export type ChatRoomProps = {
  roomId: RoomId
  /** Above the messages, in place of the name and whether the other one is here; `null`: nothing. */
  header?: ReactNode
  /** What stands in a message, in place of its text (a card for a type of the host's own); `undefined`: its text. */
  renderContent?: (message: MessageState) => ReactNode
  /** Buttons beside a stored message: edit, delete, copy … through `useRoom(roomId).handle`. */
  renderActions?: (message: SentMessage) => ReactNode
  /** Whether the field to write in takes the focus. */
  autoFocus?: boolean
  texts?: Partial<Texts>
  className?: string
}

/**
 * A room: its messages and where one writes. While it is on the page the room is open, and left out of the badge; what
 * was really on the screen is read.
 */
export function ChatRoom(props: ChatRoomProps): ReactNode {
  // Another room is another component: nothing of what was written or scrolled in one stays for the next.
  return <OpenRoom key={props.roomId} {...props} />
}

function OpenRoom(props: ChatRoomProps): ReactNode {
  const { roomId, header, autoFocus = false, texts, className } = props
  const { texts: words, format } = useWording(texts)
  const { room } = useRoom(roomId)
  const messages = useMessages(roomId)
  const connection = useConnection()
  const meId = useMe()?.id
  const [replyTo, setReplyTo] = useState<SentMessage | null>(null)
  const [failed, setFailed] = useState(false)
  const incoming = useIncoming(messages.items, meId)
  const actions = useActions(roomId, { onReply: setReplyTo, onProblem: setFailed })
  const nameOf = (message: SentMessage) =>
    message.senderId === meId || room === undefined
      ? words.you
      : memberName(room, message.senderId, words.formerMember)
  const frame = classNames('tally tally-chat', className)
  const away = useAway()
  if (room === undefined && !away) {
    const isMissing = isConnected(connection) && !messages.loading
    return (
      <div aria-busy={!isMissing} className={frame}>
        <p className="tally-empty">{isMissing ? words.missingRoom : words.loading}</p>
      </div>
    )
  }
  const typing = room?.typing.map((userId) => memberName(room, userId, words.formerMember)) ?? []
  return (
    <div className={frame}>
      {header === undefined
        ? room && <RoomHead format={format} meId={meId} room={room} words={words} />
        : header}
      <History
        actions={actions}
        away={away}
        format={format}
        meId={meId}
        messages={messages}
        offline={!isConnected(connection)}
        onProblem={() => setFailed(true)}
        renderActions={props.renderActions}
        renderContent={props.renderContent}
        room={room}
        words={words}
      />
      <p className="tally-typing">{typing.length > 0 && words.typing(typing)}</p>
      {failed && (
        <p className="tally-problem" role="alert">
          {words.failed}
        </p>
      )}
      <MessageInput
        autoFocus={autoFocus}
        onCancelReply={() => setReplyTo(null)}
        onSend={() => setFailed(false)}
        replyTo={replyTo && { message: replyTo, name: nameOf(replyTo) }}
        roomId={roomId}
        texts={texts}
      />
      <VisuallyHidden live>
        {incoming !== null && words.incoming(nameOf(incoming), incoming.text)}
      </VisuallyHidden>
    </div>
  )
}

type ActionCallbacks = {
  onReply: (message: SentMessage) => void
  onProblem: (failed: boolean) => void
}

function useActions(roomId: RoomId, { onReply, onProblem }: ActionCallbacks): MessageActions {
  const tally = useTally()
  return useMemo(() => {
    const handle = tally.room(roomId)
    return {
      onReply,
      onReact: ({ seq }, emoji, on) => {
        onProblem(false)
        handle.react(seq, emoji, on).catch((error: unknown) => {
          if (!(error instanceof RequestError)) throw error
          onProblem(true)
        })
      },
      onRetry: (message) => {
        if (message.state !== 'sent') handle.retry(message.clientId)
      },
      onDiscard: (message) => {
        if (message.state !== 'sent') handle.discard(message.clientId)
      },
    }
  }, [tally, roomId, onReply, onProblem])
}
