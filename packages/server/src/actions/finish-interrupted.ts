import { usersBeingDeleted } from '../store/delete-user.ts'
import { usersWithPendingReads } from '../store/mark-all-read.ts'
import type { ActionContext } from './context.ts'
import { deleteUser } from './delete-user.ts'
import { finishMarkAllRead } from './mark-all-read.ts'

/**
 * Completes what goes in several steps and was stopped in the middle: reading everything, removing an account. Done
 * twice at once it changes nothing twice.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function finishInterrupted(ctx: ActionContext): Promise<void> {
  for (const userId of await usersWithPendingReads(ctx.db)) await finishMarkAllRead(ctx, userId)
  for (const userId of await usersBeingDeleted(ctx.db)) await deleteUser(ctx, { userId })
}
