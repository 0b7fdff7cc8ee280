import { z } from 'zod'
import { Change, ClientId, RoomId, Seq } from '../ids.ts'
import { AttachmentIds, hasClientIdForFiles, MessageType, NEEDS_CLIENT_ID } from '../message.ts'
import { Emoji } from '../reaction.ts'
import { optionalField } from './optional-field.ts'
import { WireMessage } from './wire-message.ts'

/** `send-message`. The text's own rules are `parseMessageText`: they have error codes of their own. */
export const SendMessagePayload = z
  .object({
    roomId: RoomId,
    message: z.string(),
    messageType: optionalField(MessageType),
    clientId: optionalField(ClientId),
    replyTo: optionalField(Seq),
    attachments: optionalField(AttachmentIds),
  })
  .refine(hasClientIdForFiles, NEEDS_CLIENT_ID)

/** Given only after the database committed. */
export const SendMessageResult = z.object({ message: WireMessage })

/** `edit-message`: the new text of one's own message. */
export const EditMessagePayload = z.object({ roomId: RoomId, seq: Seq, message: z.string() })

/** `delete-message`: its place stays, its text goes. */
export const DeleteMessagePayload = z.object({ roomId: RoomId, seq: Seq })

/** `react`: the emoji is there (`on`) or not; saying the same twice changes nothing. */
export const ReactPayload = z.object({ roomId: RoomId, seq: Seq, emoji: Emoji, on: z.boolean() })

/** The `change` under which everybody sees it. */
export const MessageChangeResult = z.object({ roomId: RoomId, seq: Seq, change: Change })
