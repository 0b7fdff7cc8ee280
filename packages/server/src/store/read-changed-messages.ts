import type { RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'
import { type MessageColumns, messagesIn, storedMessages } from './stored-messages.ts'

/** What moved in one room. `change`: up to where the messages are complete; below the room's own while more wait. */
export type ChangedMessages = { change: number; messages: StoredMessage[] }

/**
 * The messages of the named rooms that changed after the change named for each, lowest change first, new ones, edits
 * and deletes alike, at most `limit` per room. No two messages of a room share a change, so a page that is cut off
 * goes on after its last one. One statement and one snapshot for all rooms; those the person is not in are left out.
 */
export async function readChangedMessages(
  db: Database,
  { userId, rooms, limit }: { userId: UserId; rooms: ReadonlyMap<RoomId, number>; limit: number },
): Promise<Map<RoomId, ChangedMessages>> {
  if (rooms.size === 0) return new Map()
  const rows = await db.query<Row>({
    name: 'read-changed-messages',
    text: `
      select r.id as room_id, r.change as room_change,
        ${messagesIn(`
          select x.* from messages x where x.room_id = named.room_id and x.change > named.change
          order by x.change limit $4`)} as messages
      from unnest($2::text[], $3::bigint[]) as named(room_id, change)
      cross join lateral (
        select r.id, r.change from rooms r
        where r.id = named.room_id and r.deleted_at is null and r.kind <> 'feed'
          and exists (
            select from members b where b.room_id = r.id and b.user_id = $1 and b.left_at is null)
        limit 1
      ) r`,
    values: [userId, [...rooms.keys()], [...rooms.values()], limit],
  })
  return new Map(rows.map((row) => [row.room_id, changedIn(row, limit)]))
}

type Row = { room_id: RoomId; room_change: number; messages: MessageColumns[] | null }

function changedIn(
  { room_id: roomId, room_change: roomChange, messages: columns }: Row,
  limit: number,
): ChangedMessages {
  const messages = storedMessages(roomId, columns).sort((one, other) => one.change - other.change)
  const last = messages.at(-1)
  const isCutOff = last !== undefined && messages.length >= limit
  return { change: isCutOff ? last.change : roomChange, messages }
}
