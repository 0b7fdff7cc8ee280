import type { RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** Whether there is a room with this key, and whether somebody is in it now. */
export async function readRoomByKey(
  db: Database,
  { key, userId }: { key: string; userId: UserId },
): Promise<{ roomId: RoomId; present: boolean } | undefined> {
  const rows = await db.query<{ roomId: RoomId; present: boolean }>({
    name: 'read-room-by-key',
    text: `
      select r.id as "roomId",
        exists (select from members b where b.room_id = r.id and b.user_id = $2 and b.left_at is null) as present
      from rooms r where r.key = $1 and r.deleted_at is null`,
    values: [key, userId],
  })
  return rows[0]
}
