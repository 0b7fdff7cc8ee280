import type { RoomId } from '@tally/protocol'
import { setArchived } from '../store/set-archived.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/**
 * Puts a room away, out of one's total, until its next counted message; or brings it back.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function archiveRoom(
  ctx: ActionContext,
  caller: Caller,
  { roomId, archived }: { roomId: RoomId; archived: boolean },
): Promise<void> {
  const { userId } = caller
  const committed = await ctx.ownChanges(userId, () => setArchived(ctx.db, { userId, roomId, archived }))
  await deliver(ctx, { committed, readers: new Set([userId]) })
}
