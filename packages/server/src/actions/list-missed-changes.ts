import { RequestError, type RoomId } from '@tally/protocol'
import { type ChangedMessages, readChangedMessages } from '../store/read-changed-messages.ts'
import type { ActionContext, Caller } from './context.ts'

/**
 * Messages of a room that changed after a change, new ones, edits and deletes alike, for a node whose frames of them got
 * lost. Asked in the name of somebody in the room.
 *
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export async function listMissedChanges(
  ctx: ActionContext,
  { userId }: Caller,
  { roomId, change, limit }: { roomId: RoomId; change: number; limit: number },
): Promise<ChangedMessages> {
  const read = await readChangedMessages(ctx.db, { userId, rooms: new Map([[roomId, change]]), limit })
  const changed = read.get(roomId)
  if (changed === undefined) throw new RequestError('room_not_found')
  return changed
}
