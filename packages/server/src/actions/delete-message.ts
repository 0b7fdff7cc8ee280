import type { RoomId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { deleteMessage as writeDelete } from '../store/delete-message.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { messageDeleted } from './message-events.ts'

/**
 * Takes a message's text away, for everybody; for whom it was unread, it no longer counts. Twice is once.
 *
 * @param caller its sender, an owner or admin of the group, or `null` for the host's backend.
 * @throws RequestError `room_not_found`, `message_not_found`, `forbidden`, `overloaded`, `storage_unavailable`.
 */
export async function deleteMessage(
  ctx: ActionContext,
  caller: Caller | null,
  { roomId, seq }: { roomId: RoomId; seq: number },
): Promise<StoredMessage> {
  const deleted = await ctx.changes({ caller, roomId }, () =>
    writeDelete(ctx.db, { userId: caller?.userId ?? null, roomId, seq }),
  )
  const { message, changed } = deleted
  if (changed)
    await deliver(ctx, { committed: deleted, frames: [messageDeleted(message)], staleRooms: [roomId] })
  return message
}
