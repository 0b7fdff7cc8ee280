import type { RoomId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** The room that has this key now, whoever is in it. */
export async function readRoomByKey(db: Database, key: string): Promise<RoomId | undefined> {
  const rows = await db.query<{ id: RoomId }>({
    name: 'read-room-by-key',
    text: 'select r.id from rooms r where r.key = $1 and r.deleted_at is null',
    values: [key],
  })
  return rows[0]?.id
}
