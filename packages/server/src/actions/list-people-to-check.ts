import type { UserId } from '@tally/protocol'
import { readUserIds } from '../store/read-user-ids.ts'
import type { ActionContext } from './context.ts'

/**
 * This node's share of everybody there is, some at a time, for the reconciler; none when all have been.
 * @throws RequestError `storage_unavailable`.
 */
export function listPeopleToCheck(
  ctx: ActionContext,
  page: { afterUserId: UserId | null; limit: number },
): Promise<UserId[]> {
  return readUserIds(ctx.db, page)
}
