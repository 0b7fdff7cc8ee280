import type { Message, Seq } from '@tally/protocol'
import type { PendingMessage } from './pending-message.ts'

/** A message that is stored. */
export type SentMessage = Message & {
  state: 'sent'
  /** The same before and after it was stored, for lists on a screen. */
  key: string
}

/** A message on the screen: stored, or on its way. */
export type MessageState = SentMessage | PendingMessage

/** The part of a room's history that is on show, oldest first; what is on its way comes last. */
export type MessageList = {
  items: readonly MessageState[]
  hasBefore: boolean
  hasAfter: boolean
  /** Messages are on their way, or awaited: the room is open and nothing was loaded yet. */
  loading: boolean
  /** Where the line "new messages" stands: the first one that was unread when the room was opened. */
  firstUnreadSeq: Seq | null
}

const shown = new WeakMap<Message, SentMessage>()

/** The same object for the same message, so that a screen repaints only what changed. */
function sentMessage(message: Message): SentMessage {
  const known = shown.get(message)
  if (known !== undefined) return known
  const sent: SentMessage = { ...message, state: 'sent', key: message.clientId ?? message.id }
  shown.set(message, sent)
  return sent
}

/** Stored messages, then those on their way. One that was stored this very moment is not shown twice. */
export function joinMessages(
  stored: readonly Message[],
  pending: readonly PendingMessage[],
): readonly MessageState[] {
  const sent = stored.map(sentMessage)
  if (pending.length === 0) return sent
  const arrived = new Set(stored.map(({ clientId }) => clientId))
  return [...sent, ...pending.filter(({ clientId }) => !arrived.has(clientId))]
}
