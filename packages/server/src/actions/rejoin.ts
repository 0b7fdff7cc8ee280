import type { RoomId, UserId } from '@tally/protocol'
import { addMembers } from '../store/add-members.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'

/**
 * Brings somebody back into a direct room of theirs that they left; who is in it stays as they are. Coming back begins
 * anew, as joining does.
 */
export async function rejoin(
  ctx: ActionContext,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): Promise<void> {
  const committed = await addMembers(ctx.db, {
    actorId: null,
    roomId,
    userIds: [userId],
    role: 'member',
    limits: ctx.limits,
  })
  await deliver(ctx, { committed })
}
