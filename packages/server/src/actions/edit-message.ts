import { parseMessageText, RequestError, type RoomId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { editMessage as writeEdit } from '../store/edit-message.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { messageEdited } from './message-events.ts'

/**
 * Changes the text of one's own message. Nobody's count moves, and the same text again changes nothing.
 *
 * @throws RequestError `message_empty`, `message_too_long`, `message_malformed`, `room_not_found`, `message_not_found`
 * (deleted ones too), `forbidden` for somebody else's, `overloaded`, `storage_unavailable`.
 */
export async function editMessage(
  ctx: ActionContext,
  caller: Caller,
  { roomId, seq, text }: { roomId: RoomId; seq: number; text: string },
): Promise<StoredMessage> {
  const parsed = parseMessageText(text, ctx.limits.messageChars)
  if (!parsed.ok) throw new RequestError(parsed.code)
  const edited = await ctx.changes({ caller, roomId }, () =>
    writeEdit(ctx.db, { userId: caller.userId, roomId, seq, text: parsed.text }),
  )
  const { message, changed } = edited
  if (changed)
    await deliver(ctx, { committed: edited, frames: [messageEdited(message)], staleRooms: [roomId] })
  return message
}
