import type { IsoTime, RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** What a room's row in a list says of its newest message that is not deleted; the fields are empty without one. */
export type RoomPreview = {
  lastMessage: string
  lastMessageAt: IsoTime | null
  lastSeq: number
  lastSenderId: UserId | null
  /** The room's change at which this was true, and its version of then or later of everything but messages. */
  change: number
  membership: number
}

/** One statement for all of them, whoever is a member. Rooms that do not exist are left out. */
export async function readPreviews(
  db: Database,
  roomIds: readonly RoomId[],
): Promise<Map<RoomId, RoomPreview>> {
  if (roomIds.length === 0) return new Map()
  const rows = await db.query<RoomPreview & { roomId: RoomId }>({
    name: 'read-previews',
    text: `
      select r.id as "roomId", r.change, r.membership, coalesce(m.text, '') as "lastMessage",
        iso_time(m.created_at) as "lastMessageAt", coalesce(m.seq, 0) as "lastSeq", m.sender_id as "lastSenderId"
      from rooms r
      left join lateral (
        select * from messages newest where newest.room_id = r.id and newest.deleted_at is null
        order by newest.created_at desc limit 1
      ) m on true
      where r.id = any($1::text[])`,
    values: [roomIds],
  })
  return new Map(rows.map(({ roomId, ...preview }) => [roomId, preview]))
}
