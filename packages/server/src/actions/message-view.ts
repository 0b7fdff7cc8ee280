import type { Attachment, Change, Message, Seq, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'

/** A message as one person, or the host's backend (`null`), sees it: its `clientId` is shown to the sender alone. */
export function toMessage(stored: StoredMessage, viewerId: UserId | null): Message {
  const { id, roomId, seq, change, senderId, clientId, type, text, replyTo, createdAt, editedAt, deletedAt } =
    stored
  return {
    id,
    roomId,
    seq: seq as Seq,
    change: change as Change,
    senderId,
    type,
    text,
    createdAt,
    reactions: stored.reactions,
    attachments: attachmentsOf(stored),
    ...(clientId !== undefined && senderId !== null && senderId === viewerId ? { clientId } : {}),
    ...(replyTo === undefined ? {} : { replyTo: replyTo as Seq }),
    ...(editedAt === undefined ? {} : { editedAt }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
  }
}

/** The files of a message are what it carries beside its text. */
function attachmentsOf({ data }: Pick<StoredMessage, 'data'>): Attachment[] {
  return (data?.attachments ?? []) as Attachment[]
}
