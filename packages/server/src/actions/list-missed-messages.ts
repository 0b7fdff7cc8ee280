import { RequestError, type RoomId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { readPagesAfter } from '../store/read-messages.ts'
import type { ActionContext, Caller } from './context.ts'

/**
 * Messages above a place as they are stored, oldest first, for a node whose frames of them got lost. Asked in the name
 * of somebody in the room, so that nobody reads on in a room that everybody has left.
 *
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export async function listMissedMessages(
  ctx: ActionContext,
  { userId }: Caller,
  { roomId, afterSeq, limit }: { roomId: RoomId; afterSeq: number; limit: number },
): Promise<StoredMessage[]> {
  const [read] = await readPagesAfter(ctx.db, [{ userId, roomId, at: afterSeq, limit }])
  if (read === undefined) throw new RequestError('room_not_found')
  return read.messages
}
