import type { RoomId } from '@tally/protocol'
import type { RoomHead } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** A room's counters, for the host's backend, which is in no room; `undefined` for a deleted room and for a feed. */
export async function readRoomHead(db: Database, roomId: RoomId): Promise<RoomHead | undefined> {
  const rows = await db.query<{ head: RoomHead }>({
    name: 'read-room-head',
    text: `select room_head(r) as head from rooms r where r.id = $1 and r.deleted_at is null and r.kind <> 'feed'`,
    values: [roomId],
  })
  return rows[0]?.head
}
