import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** A page of everybody there is, by id. */
export async function readUserIds(
  db: Database,
  { afterUserId, limit }: { afterUserId: UserId | null; limit: number },
): Promise<UserId[]> {
  const rows = await db.query<{ id: UserId }>({
    name: 'read-user-ids',
    text: 'select u.id from users u where u.id > $1 order by u.id limit $2',
    values: [afterUserId ?? '', limit],
  })
  return rows.map(({ id }) => id)
}
