import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * Tokens of this person, who has to be known, that were issued until now are no longer good, and their devices are forgotten.
 * @throws RequestError `storage_unavailable`.
 */
export async function revokeSessions(db: Database, userId: UserId): Promise<void> {
  await db.query({ name: 'revoke_sessions', text: 'select revoke_sessions($1)', values: [userId] })
}
