import type { UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type Block = {
  blockerId: UserId
  blockedId: UserId
  limits: { readonly blocksPerUser: number }
}

/**
 * From now on nothing of `blockedId` is unread for `blockerId`, in every room where both ever were. Twice is once.
 * @throws RequestError `user_not_found` (a deleted account too), `limit_exceeded`, `storage_unavailable`.
 */
export function block(
  db: Database,
  { blockerId, blockedId, limits }: Block,
): Promise<Committed & { changed: boolean }> {
  return callFunction(db, 'set_blocked', [blockerId, blockedId, true, limits.blocksPerUser])
}
