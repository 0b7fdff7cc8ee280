import { z } from 'zod'
import { Attachment } from './attachment.ts'
import { AttachmentId, Change, ClientId, IsoTime, MessageId, RoomId, Seq, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Reaction } from './reaction.ts'
import { line } from './text.ts'

/** What kind of message: `regular`, `resume`, `video_introduction`, or any other word of the host. */
export const MessageType = line(LIMITS.typeChars, 1)
export type MessageType = z.infer<typeof MessageType>

/** A message. A deleted one keeps its place (`id`, `seq`), has `deletedAt`, an empty `text` and no reactions. */
export const Message = z.object({
  id: MessageId,
  roomId: RoomId,
  seq: Seq,
  /** The room's `change` that last touched this message. */
  change: Change,
  /** `null`: a system message, or the account was deleted. */
  senderId: UserId.nullable(),
  type: z.string(),
  text: z.string(),
  createdAt: IsoTime,
  /** Shown to the sender alone. */
  clientId: ClientId.optional(),
  /** The message of the same room that this one answers. */
  replyTo: Seq.optional(),
  reactions: z.array(Reaction),
  attachments: z.array(Attachment),
  editedAt: IsoTime.optional(),
  deletedAt: IsoTime.optional(),
})
export type Message = z.infer<typeof Message>

/** Messages of a room, oldest first. */
export const MessagePage = z.object({
  items: z.array(Message),
  hasBefore: z.boolean(),
  hasAfter: z.boolean(),
  /** The room's `change` when the page was read: what a client names in its next sync. */
  change: Change,
})
export type MessagePage = z.infer<typeof MessagePage>

/** Files of a new message: the sender's own, uploaded for this room, in no other message. */
export const AttachmentIds = z.array(AttachmentId).max(LIMITS.attachmentsPerMessage)

// A repeated send has to be known for the same one: its files are taken by then.
export const NEEDS_CLIENT_ID = 'must have a clientId where it has attachments'
export function hasClientIdForFiles(message: {
  clientId?: unknown
  attachments?: readonly unknown[] | undefined
}): boolean {
  return (message.attachments ?? []).length === 0 || message.clientId !== undefined
}

/** A new message; with attachments its text may be empty. The text's own rules are `parseMessageText`: they have error codes of their own. */
export const MessageBody = z
  .object({
    text: z.string(),
    type: MessageType.optional(),
    clientId: ClientId.optional(),
    replyTo: Seq.optional(),
    attachments: AttachmentIds.optional(),
  })
  .refine(hasClientIdForFiles, NEEDS_CLIENT_ID)
export type MessageBody = z.infer<typeof MessageBody>
