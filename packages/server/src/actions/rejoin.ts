import type { RoomId, UserId } from '@tally/protocol'
import { addMembers } from '../store/add-members.ts'
import { readRoomHead } from '../store/read-room-head.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { meet } from './meet.ts'
import { roomsChanged } from './message-events.ts'

/**
 * Brings somebody back into a direct room of theirs that they left; who is in it stays as they are. Coming back begins
 * anew, as joining does. Nothing happens to a group: who was put out of it is let in by those who run it.
 *
 * @throws RequestError `limit_exceeded`, `user_not_found` for a deleted account, `storage_unavailable`.
 */
export async function rejoin(
  ctx: ActionContext,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): Promise<void> {
  const room = await readRoomHead(ctx.db, roomId)
  if (room?.kind !== 'direct') return
  const committed = await ctx.changes({ caller: { userId }, roomId }, () =>
    addMembers(ctx.db, {
      actorId: null,
      roomId,
      userIds: [userId],
      role: 'member',
      limits: ctx.limits,
    }),
  )
  await deliver(ctx, { committed, frames: roomsChanged(committed.rooms) })
  await meet(ctx, committed)
}
