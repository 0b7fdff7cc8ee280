import type { RoomId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * Gives a room's messages the times they had elsewhere, for histories that were brought along. The caller sees to it
 * that times rise with seq and name every message of the room.
 */
export async function dateMessages(
  db: Database,
  { roomId, times }: { roomId: RoomId; times: readonly { seq: number; createdAt: Date }[] },
): Promise<void> {
  await db.query({
    name: 'date-messages',
    text: `
      with dated as (
        update messages x set created_at = t.created_at
        from unnest($2::bigint[], $3::timestamptz[]) t(seq, created_at)
        where x.room_id = $1 and x.seq = t.seq
        returning x.created_at
      )
      update rooms r
      set last_at = (select max(created_at) from dated),
        created_at = least(r.created_at, (select min(created_at) from dated)),
        updated_at = (select max(created_at) from dated)
      where r.id = $1 and exists (select from dated)`,
    values: [roomId, times.map(({ seq }) => seq), times.map(({ createdAt }) => createdAt)],
  })
}
