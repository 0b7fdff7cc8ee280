import type { UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Makes the notification feeds of those who have none yet, or left theirs with an account that was removed: to be
 * called before a notification is sent to `feedOf(user)`.
 * @throws RequestError `user_not_found` when one of them is not known, before anything is written; `storage_unavailable`.
 */
export function ensureFeeds(db: Database, { userIds }: { userIds: readonly UserId[] }): Promise<Committed> {
  return callFunction(db, 'ensure_feeds', [userIds])
}
