import type { RoomId } from '@tally/protocol'
import { deleteRoom as writeDelete } from '../store/delete-room.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { membershipsEnded } from './message-events.ts'

/**
 * Deletes a room: everybody leaves it, and its part of every badge goes at once.
 *
 * @param caller the owner of the group, or `null` for the host's backend.
 * @throws RequestError `room_not_found`, `forbidden`, `overloaded`, `storage_unavailable`.
 */
export async function deleteRoom(
  ctx: ActionContext,
  caller: Caller | null,
  { roomId }: { roomId: RoomId },
): Promise<void> {
  const committed = await ctx.changes({ caller, roomId }, () =>
    writeDelete(ctx.db, { actorId: caller?.userId ?? null, roomId }),
  )
  ctx.membersCache.forget(roomId)
  await deliver(ctx, { committed, frames: membershipsEnded(committed.members) })
}
