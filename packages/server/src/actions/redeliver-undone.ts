import { claimUndone } from '../store/claim-undone.ts'
import type { ActionContext } from './context.ts'
import { tellRows } from './tell-rows.ts'

/** A commit is told within milliseconds. What nobody said to be done for so long was lost on the way. */
const UNDONE_FOR_MS = 4_000
/** What a node wrote that does not live any more nobody else will tell. */
const ORPHANED_FOR_MS = 3_000
/** A claim outlives the work on its rows by far, and its node by little. */
const CLAIM_MS = 5_000
const ROWS_PER_RUN = 50

/**
 * Tells again what was committed and did not reach everybody: its node died, a connection to the database broke before
 * its answer came, or whom a change was for could not be looked up. Of all nodes one does it. Whoever heard of it
 * already merges it to what they have.
 *
 * @throws RequestError `storage_unavailable`; the rows stay undone and are claimed anew once the claim has lapsed.
 */
export async function redeliverUndone(
  ctx: ActionContext,
  { undoneForMs = UNDONE_FOR_MS }: { undoneForMs?: number } = {},
): Promise<void> {
  const orphanedForMs = Math.min(ORPHANED_FOR_MS, undoneForMs)
  const rows = await claimUndone(ctx.db, {
    undoneForMs,
    orphanedForMs,
    claimMs: CLAIM_MS,
    limit: ROWS_PER_RUN,
  })
  if (rows.length === 0) return
  for (const { id } of await tellRows(ctx, rows)) ctx.outbox.done(id)
}
