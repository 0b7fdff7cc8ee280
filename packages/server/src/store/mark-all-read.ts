import type { UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Stores the head of every room in which something is unread, all in one statement: what arrives from now on stays
 * unread. `stepMarkAllRead` does the reading.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function startMarkAllRead(
  db: Database,
  { userId }: { userId: UserId },
): Promise<{ rooms: number }> {
  const rows = await db.query<{ rooms: number }>({
    name: 'start_mark_all_read',
    text: 'select start_mark_all_read($1) as rooms',
    values: [userId],
  })
  return { rooms: rows[0]?.rooms ?? 0 }
}

/**
 * Reads up to `limit` rooms to their stored heads. To be repeated while there are more; after a crash it goes on.
 * @throws RequestError `storage_unavailable`.
 */
export function stepMarkAllRead(
  db: Database,
  { userId, limit }: { userId: UserId; limit: number },
): Promise<Committed & { more: boolean }> {
  return callFunction(db, 'step_mark_all_read', [userId, limit])
}

/** People whose mark-all-read was not completed: a node stopped in the middle. */
export async function usersWithPendingReads(db: Database): Promise<UserId[]> {
  const rows = await db.kysely
    .selectFrom('members')
    .select('user_id')
    .distinct()
    .where('pending_read_seq', 'is not', null)
    .execute()
  return rows.map(({ user_id }) => user_id)
}
