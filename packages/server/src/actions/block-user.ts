import { RequestError, type UserId } from '@tally/protocol'
import { block } from '../store/block.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/**
 * From now on nothing of this person counts as unread for the caller, what is unread already included. The other one
 * is told nothing. Twice is once.
 *
 * @throws RequestError `user_not_found`, `invalid_request` for oneself, `limit_exceeded`, `overloaded`,
 * `storage_unavailable`.
 */
export async function blockUser(
  ctx: ActionContext,
  caller: Caller,
  { userId: blockedId }: { userId: UserId },
): Promise<void> {
  const { userId: blockerId } = caller
  if (blockedId === blockerId) {
    throw new RequestError('invalid_request', { message: 'Nobody can block themselves.' })
  }
  const committed = await ctx.ownChanges(blockerId, () =>
    block(ctx.db, { blockerId, blockedId, limits: ctx.limits }),
  )
  await deliver(ctx, { committed, readers: new Set([blockerId]) })
}
