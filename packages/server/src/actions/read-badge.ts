import type { Badge, Rev } from '@tally/protocol'
import { RequestError } from '@tally/protocol'
import type { ActionContext, Caller } from './context.ts'
import { badgeOf, readyView } from './ready-view.ts'

/**
 * The caller's badge: one read of the ledger, whatever the number of rooms. While the database is away it goes on from
 * the ledger, marked `stale`; `total: null` when the ledger is cold, too: unknown, never a guess.
 */
export async function readBadge(ctx: ActionContext, caller: Caller): Promise<Badge> {
  try {
    return badgeOf(ctx, await readyView(ctx, { userId: caller.userId }))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    return UNKNOWN
  }
}

/**
 * The same for somebody whose devices will show it: not before the rows it is the sum of, which may have to be looked
 * up (for a moment, see `announce.ts`).
 */
export async function readToldBadge(ctx: ActionContext, caller: Caller): Promise<Badge> {
  let badge: Badge
  let waits = 0
  do {
    await ctx.heldNews.get(caller.userId)?.told
    badge = await readBadge(ctx, caller)
    waits += 1
  } while (ctx.heldNews.has(caller.userId) && waits < MOST_WAITS)
  return badge
}

/** Somebody whose rooms change all the time gets an answer, too. */
const MOST_WAITS = 5

const UNKNOWN: Badge = { total: null, unreadRooms: 0, notifications: 0, rev: 0 as Rev, stale: true }
