import { type Badge, RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { LedgerView } from '../core/ledger-view.ts'
import type { ActionContext } from './context.ts'

export type ReadyView = Extract<LedgerView, { state: 'ready' }>

/** A ledger that is flushed, or gives way to another, loses people who were warmed a moment ago. */
const WARMINGS = 4

/**
 * What the ledger says of a person: one read, and where the person is cold a warming and another.
 * @throws RequestError `storage_unavailable` when warming needs a database that is away; `unavailable` when the ledger
 * lost the person again and again.
 */
export async function readyView(
  ctx: ActionContext,
  query: { userId: UserId; rooms?: readonly RoomId[]; since?: number },
): Promise<ReadyView> {
  for (let warmings = 0; warmings <= WARMINGS; warmings += 1) {
    if (warmings > 0) await ctx.warmer.ensure([query.userId])
    const [view] = await ctx.ledger.read([query])
    if (view?.state === 'ready') return view
  }
  throw new RequestError('unavailable', { retryAfterMs: RETRY_AFTER_MS })
}

/** The badge of a view as people get it: `stale` while the database, which is the truth, does not answer. */
export function badgeOf(ctx: ActionContext, { badge }: ReadyView): Badge {
  return ctx.db.available ? badge : { ...badge, stale: true }
}

const RETRY_AFTER_MS = 1_000
