import type { RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** Who is in a room now, and the membership version at which that was so. */
export type Recipients = { membership: number; userIds: UserId[] }

/** One statement and one snapshot for all of them; rooms that do not exist are left out, and feeds, which have one owner. */
export async function readRecipients(
  db: Database,
  roomIds: readonly RoomId[],
): Promise<Map<RoomId, Recipients>> {
  if (roomIds.length === 0) return new Map()
  const rows = await db.query<Recipients & { roomId: RoomId }>({
    name: 'read-recipients',
    text: `
      select r.id as "roomId", r.membership,
        array(select b.user_id from members b where b.room_id = r.id and b.left_at is null) as "userIds"
      from rooms r where r.id = any($1::text[]) and r.kind <> 'feed'`,
    values: [roomIds],
  })
  return new Map(rows.map(({ roomId, membership, userIds }) => [roomId, { membership, userIds }]))
}
