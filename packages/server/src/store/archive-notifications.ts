import type { NotificationId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Puts entries of a person's feed away, those of some ids or all that were `read`, or brings some back. Unknown ids, and
 * entries that are so already, change nothing. To be repeated while there may be more.
 *
 * @returns also how many were moved, and how many of them were unread until then.
 * @throws RequestError `storage_unavailable`.
 */
export function archiveNotifications(
  db: Database,
  { userId, ids, archived }: { userId: UserId; ids: readonly NotificationId[] | 'read'; archived: boolean },
): Promise<Committed & { archived: number; read: number; more: boolean }> {
  return callFunction(db, 'archive_notifications', [userId, ids === 'read' ? null : ids, archived])
}
