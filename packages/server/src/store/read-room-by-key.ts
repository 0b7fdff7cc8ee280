import type { RoomId, UserId } from '@tally/protocol'
import type { RoomKind } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** A room that already has a key, and everybody who is or was in it. */
export type KeyedRoom = {
  roomId: RoomId
  kind: RoomKind
  members: { userId: UserId; left: boolean }[]
}

export async function readRoomByKey(db: Database, key: string): Promise<KeyedRoom | undefined> {
  const rows = await db.query<KeyedRoom>({
    name: 'read-room-by-key',
    text: `
      select r.id as "roomId", r.kind,
        (select coalesce(json_agg(json_build_object('userId', b.user_id, 'left', b.left_at is not null)), '[]')
         from members b where b.room_id = r.id) as members
      from rooms r where r.key = $1 and r.deleted_at is null`,
    values: [key],
  })
  return rows[0]
}
