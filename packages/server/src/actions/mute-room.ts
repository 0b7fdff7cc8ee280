import type { RoomId } from '@tally/protocol'
import { setMuted } from '../store/set-muted.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/**
 * Leaves a room out of one's total, or counts it again. Counting goes on meanwhile, so the number after is exact.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function muteRoom(
  ctx: ActionContext,
  caller: Caller,
  { roomId, muted }: { roomId: RoomId; muted: boolean },
): Promise<void> {
  const { userId } = caller
  const committed = await ctx.ownChanges(userId, () => setMuted(ctx.db, { userId, roomId, muted }))
  await deliver(ctx, { committed, readers: new Set([userId]) })
}
