import type { UserId } from '@tally/protocol'
import { sql } from 'kysely'
import type { Database } from './open-database.ts'

/**
 * Tokens of this person, who has to be known, that were issued until now are no longer good.
 * @throws RequestError `storage_unavailable`.
 */
export async function revokeSessions(db: Database, userId: UserId): Promise<void> {
  await db.kysely
    .insertInto('revoked_sessions')
    .values({ user_id: userId, before: sql`clock_timestamp()` })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ before: sql`clock_timestamp()` }))
    .execute()
}
