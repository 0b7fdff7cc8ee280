import type { NotificationId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Marks entries of a person's feed as read, `all` of them or those of some ids. Unknown ids and what is read already
 * change nothing.
 *
 * @returns also how many of them were unread.
 * @throws RequestError `storage_unavailable`.
 */
export function readNotifications(
  db: Database,
  { userId, ids }: { userId: UserId; ids: readonly NotificationId[] | 'all' },
): Promise<Committed & { count: number }> {
  return callFunction(db, 'read_notifications', [userId, ids === 'all' ? null : ids])
}
