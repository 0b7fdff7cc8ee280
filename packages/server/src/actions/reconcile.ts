import type { UserId } from '@tally/protocol'
import { repairMember } from '../store/repair-member.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { findMismatches, type Mismatch } from './find-mismatches.ts'

/** What was looked at and put right. */
export type Reconciliation = {
  /** People. */
  checked: number
  mismatches: readonly Mismatch[]
  /** Mismatches that were put right. */
  repaired: number
}

export type Reconcile = {
  userIds: readonly UserId[]
  /** Between the two looks: longer than what got lost on its way takes to be told again. What it throws ends the run. */
  pause: () => Promise<unknown>
}

/**
 * Compares the ledger with the database and both with the messages, and puts right what differs: a ledger's key is
 * thrown away and warmed anew, a member's row is counted anew with its room locked. Believed is only what looks exactly
 * the same after a pause: rooms in motion come another time.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function reconcile(ctx: ActionContext, { userIds, pause }: Reconcile): Promise<Reconciliation> {
  const suspected = await findAll(ctx, userIds)
  if (suspected.length === 0) return { checked: userIds.length, mismatches: [], repaired: 0 }
  await pause()
  const seen = new Set(suspected.map(keyOf))
  const again = await findAll(ctx, new Set(suspected.map(({ userId }) => userId)))
  const mismatches = again.filter((mismatch) => seen.has(keyOf(mismatch)))
  let repaired = 0
  for (const mismatch of mismatches) if (await repair(ctx, mismatch)) repaired += 1
  return { checked: userIds.length, mismatches, repaired }
}

async function findAll(ctx: ActionContext, userIds: Iterable<UserId>): Promise<Mismatch[]> {
  const found: Mismatch[] = []
  for (const userId of userIds) {
    found.push(...(await findMismatches(ctx, userId)))
  }
  return found
}

function keyOf({ kind, userId, roomId, saw }: Mismatch): string {
  return JSON.stringify([kind, userId, roomId, saw])
}

/** @returns whether there was something to put right. */
async function repair(ctx: ActionContext, { kind, userId, roomId, saw }: Mismatch): Promise<boolean> {
  if (kind === 'ledger') {
    ctx.log.warn({ userId, roomId, saw }, 'the ledger was wrong about a badge and is warmed anew')
    ctx.warmer.again([{ userId }])
    return true
  }
  // Never seen from what the product itself does: somebody should look into it.
  ctx.log.error({ userId, roomId, saw }, 'a count in the database was wrong')
  if (roomId === null) return false
  const committed = await repairMember(ctx.db, { userId, roomId })
  await deliver(ctx, { committed, readers: new Set([userId]) })
  return committed.members.length > 0
}
