import type { IsoTime, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

export type BlockRecord = { userId: UserId; name: string | null; blockedAt: IsoTime }

/** Whom a person has blocked, by id, after somebody. */
export async function readBlockPage(
  db: Database,
  { userId, afterUserId, limit }: { userId: UserId; afterUserId: UserId | null; limit: number },
): Promise<BlockRecord[]> {
  return db.query({
    name: 'read-block-page',
    text: `
      select k.blocked_id as "userId", u.name, iso_time(k.created_at) as "blockedAt"
      from blocks k left join users u on u.id = k.blocked_id
      where k.blocker_id = $1 and k.blocked_id > $2 order by k.blocked_id limit $3`,
    values: [userId, afterUserId ?? '', limit],
  })
}

/** Whether one of the two has blocked the other. */
export async function readBlockBetween(
  db: Database,
  { userId, otherId }: { userId: UserId; otherId: UserId },
): Promise<boolean> {
  const rows = await db.query({
    name: 'read-block-between',
    text: `
      select from blocks where blocker_id = $1 and blocked_id = $2
      union all
      select from blocks where blocker_id = $2 and blocked_id = $1`,
    values: [userId, otherId],
  })
  return rows.length > 0
}
