import type { RoomId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** A room with messages older than they may be, and the place below which all are. */
export type Outdated = { roomId: RoomId; beforeSeq: number }

/** Up to `limit` rooms that still have messages with a text from before `days` ago. Feeds among them. */
export async function readOutdated(
  db: Database,
  { days, limit }: { days: number; limit: number },
): Promise<Outdated[]> {
  return db.query<Outdated>({
    name: 'read-outdated',
    text: `
      select old.room_id as "roomId", old.before as "beforeSeq"
      from rooms r
      cross join lateral (
        select x.room_id, x.seq + 1 as before from messages x
        where x.room_id = r.id and x.deleted_at is null and x.created_at < clock_timestamp() - make_interval(days => $1)
        order by x.created_at desc limit 1
      ) old
      limit $2`,
    values: [days, limit],
  })
}
