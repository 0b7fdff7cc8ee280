import type { User } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** The first people this server heard of, deleted accounts left out. */
export async function readPeople(db: Database, { limit }: { limit: number }): Promise<User[]> {
  return db.kysely
    .selectFrom('users')
    .select(['id', 'name', 'image', 'user_type as userType'])
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}
