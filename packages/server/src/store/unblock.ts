import type { UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Ends a block: what `blockedId` wrote counts again, as the recount has it. Without a block nothing happens.
 * @throws RequestError `storage_unavailable`.
 */
export function unblock(
  db: Database,
  { blockerId, blockedId }: { blockerId: UserId; blockedId: UserId },
): Promise<Committed & { changed: boolean }> {
  return callFunction(db, 'set_blocked', [blockerId, blockedId, false, null])
}
