import { z } from 'zod'
import { Attachment } from '../attachment.ts'
import { Change, ClientId, IsoTime, MessageId, RoomId, Seq, UserId } from '../ids.ts'
import { Reaction } from '../reaction.ts'

/** A message as installed apps know it; the casing is theirs and fixed. */
export const WireMessage = z.object({
  id: MessageId,
  room_id: RoomId,
  /** `null`: a system message, or the account was deleted. */
  sender_id: UserId.nullable(),
  message: z.string(),
  message_type: z.string().optional(),
  created_at: IsoTime,
  /** Read by everybody else in the room. */
  is_read: z.boolean(),
  seq: Seq,
  client_id: ClientId.optional(),
  reply_to: Seq.optional(),
  attachments: z.array(Attachment).optional(),
  change: Change.optional(),
  /** What became of it since it was sent, as of `change`. */
  edited_at: IsoTime.optional(),
  deleted_at: IsoTime.optional(),
  reactions: z.array(Reaction).optional(),
})
export type WireMessage = z.infer<typeof WireMessage>

/** What changed in a message: its text after an edit (with `edited_at`), its reactions, or both. */
export const MessageUpdated = z.object({
  room_id: RoomId,
  seq: Seq,
  change: Change,
  message: z.string().optional(),
  edited_at: IsoTime.optional(),
  reactions: z.array(Reaction).optional(),
})
export type MessageUpdated = z.infer<typeof MessageUpdated>

/** A message that lost its text; its place stays. */
export const MessageDeleted = z.object({ room_id: RoomId, seq: Seq, change: Change, deleted_at: IsoTime })
export type MessageDeleted = z.infer<typeof MessageDeleted>
