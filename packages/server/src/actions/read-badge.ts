import type { Badge, Rev } from '@tally/protocol'
import { RequestError } from '@tally/protocol'
import type { ActionContext, Caller } from './context.ts'
import { readyView } from './ready-view.ts'

/**
 * The caller's badge: one read of the ledger, whatever the number of rooms. `total: null` when it is not known (the
 * ledger is cold and the database away): never a guess.
 */
export async function readBadge(ctx: ActionContext, caller: Caller): Promise<Badge> {
  try {
    const { badge } = await readyView(ctx, { userId: caller.userId })
    return badge
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    return UNKNOWN
  }
}

const UNKNOWN: Badge = { total: null, unreadRooms: 0, notifications: 0, rev: 0 as Rev, stale: true }
