import { removalsUnderWay } from '../store/delete-user.ts'
import { usersWithPendingReads } from '../store/mark-all-read.ts'
import type { ActionContext } from './context.ts'
import { completeRemoval } from './delete-user.ts'
import { finishMarkAllRead } from './mark-all-read.ts'

/**
 * Completes what goes in several steps and was stopped in the middle, by a crash or a database that went away: reading
 * everything, removing an account. Done twice at once it changes nothing twice. One that fails does not keep the others
 * from being completed.
 *
 * @throws RequestError `storage_unavailable`; AggregateError of what failed, to be tried again.
 */
export async function finishInterrupted(ctx: ActionContext): Promise<void> {
  const errors: unknown[] = []
  const attempt = (work: Promise<void>): Promise<void> => work.catch((error) => void errors.push(error))
  for (const userId of await usersWithPendingReads(ctx.db)) await attempt(finishMarkAllRead(ctx, userId))
  for (const removal of await removalsUnderWay(ctx.db)) await attempt(completeRemoval(ctx, removal))
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} interrupted actions failed again`)
}
