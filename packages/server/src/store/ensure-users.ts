import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * Makes people known who are not yet; those who are stay as they are, deleted accounts too.
 * @throws RequestError `storage_unavailable`.
 */
export async function ensureUsers(db: Database, userIds: readonly UserId[]): Promise<void> {
  if (userIds.length === 0) return
  // Sorted: two that insert the same people in different orders would wait for each other.
  const sorted = [...new Set(userIds)].sort()
  await db.kysely
    .insertInto('users')
    .values(sorted.map((id) => ({ id })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}
