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

const UNKNOWN: Badge = { total: null, unreadRooms: 0, notifications: 0, rev: 0 as Rev, stale: true }
