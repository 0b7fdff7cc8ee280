import type { UserId } from '@tally/protocol'
import { startMarkAllRead, stepMarkAllRead } from '../store/mark-all-read.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'

/** Rooms read per transaction: small enough that nobody waits for it. */
const ROOMS_PER_STEP = 100

/**
 * Reads every room up to where it was at this moment; what arrives meanwhile stays unread. The heads are stored first,
 * so a crash in the middle is completed by `finishMarkAllRead`.
 *
 * @throws RequestError `overloaded`, `storage_unavailable`; what was stored is completed later.
 */
export async function markAllRead(ctx: ActionContext, caller: Caller): Promise<void> {
  await ctx.ownChanges(caller.userId, () => startMarkAllRead(ctx.db, { userId: caller.userId }))
  await finishMarkAllRead(ctx, caller.userId)
}

/** Steps to the stored heads until none is left. */
export async function finishMarkAllRead(ctx: ActionContext, userId: UserId): Promise<void> {
  let more = true
  while (more) {
    const step = await ctx.ownChanges(userId, () =>
      stepMarkAllRead(ctx.db, { userId, limit: ROOMS_PER_STEP }),
    )
    await deliver(ctx, { committed: step, readers: new Set([userId]) })
    more = step.more
  }
}
