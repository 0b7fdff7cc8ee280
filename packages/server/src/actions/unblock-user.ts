import type { UserId } from '@tally/protocol'
import { unblock } from '../store/unblock.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/**
 * Ends a block: what of that person is unread counts again, exactly. Without a block nothing happens.
 * @throws RequestError `overloaded`, `storage_unavailable`.
 */
export async function unblockUser(
  ctx: ActionContext,
  caller: Caller,
  { userId: blockedId }: { userId: UserId },
): Promise<void> {
  const { userId: blockerId } = caller
  const committed = await ctx.ownChanges(blockerId, () => unblock(ctx.db, { blockerId, blockedId }))
  await deliver(ctx, { committed, readers: new Set([blockerId]) })
}
