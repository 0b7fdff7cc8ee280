import type { RoomId, UserId } from '@tally/protocol'
import type { MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** What one commit changed, by name. */
export type OutboxRow = {
  id: string
  payload: {
    /** Those whose head rose: by the messages from `first` to `last`, or by something else, to `change`. */
    rooms: { roomId: RoomId; first?: number; last?: number; change?: number }[]
    /** Those whose row was written; `unreadAfter`: because they made the room unread, behind this place. */
    members: { roomId: RoomId; userId: UserId; unreadAfter?: number }[]
  }
}

/** What rows of the outbox are about, as it is now: absolute values, so nothing older has to be known. */
export type PresentState = {
  rooms: RoomHead[]
  members: MemberState[]
  /** The messages they brought, each room's in order. */
  messages: StoredMessage[]
  /** Messages that were edited, deleted or reacted to, unless that happened to them again since. */
  changed: StoredMessage[]
}

/**
 * Reads all of it from one snapshot.
 * @throws RequestError `storage_unavailable`.
 */
export async function readPresentState(db: Database, rows: readonly OutboxRow[]): Promise<PresentState> {
  const rooms = rows.flatMap(({ payload }) => payload.rooms)
  const members = new Map(
    rows.flatMap(({ payload }) => payload.members.map((row) => [`${row.roomId}\n${row.userId}`, row])),
  )
  const spans = rooms.flatMap(({ roomId, first, last }) =>
    first === undefined || last === undefined ? [] : [{ roomId, first, last }],
  )
  const changes = rooms.flatMap(({ roomId, change }) => (change === undefined ? [] : [{ roomId, change }]))
  const [state] = await db.query<PresentState>({
    name: 'read-present-state',
    text: PRESENT_STATE,
    values: [
      [...new Set(rooms.map(({ roomId }) => roomId))],
      Array.from(members.values(), ({ roomId }) => roomId),
      Array.from(members.values(), ({ userId }) => userId),
      spans.map(({ roomId }) => roomId),
      spans.map(({ first }) => first),
      spans.map(({ last }) => last),
      changes.map(({ roomId }) => roomId),
      changes.map(({ change }) => change),
    ],
  })
  return state ?? { rooms: [], members: [], messages: [], changed: [] }
}

const PRESENT_STATE = `
  select
    (select coalesce(json_agg(room_head(r.row)), '[]')
     from unnest($1::text[]) named(id)
     cross join lateral (select x as row from rooms x where x.id = named.id limit 1) r) as rooms,
    (select coalesce(json_agg(member_state(m.row)), '[]')
     from unnest($2::text[], $3::text[]) named(room_id, user_id)
     cross join lateral (
       select x as row from members x where x.room_id = named.room_id and x.user_id = named.user_id limit 1) m
    ) as members,
    (select coalesce(json_agg(stored_message(m.row) order by m.room_id, m.seq), '[]')
     from unnest($4::text[], $5::bigint[], $6::bigint[]) span(room_id, first, last)
     cross join lateral (
       select x as row, x.room_id, x.seq from messages x
       where x.room_id = span.room_id and x.seq >= span.first and x.seq <= span.last order by x.seq) m
    ) as messages,
    (select coalesce(json_agg(stored_message(m.row) order by m.room_id, m.change), '[]')
     from unnest($7::text[], $8::bigint[]) touched(room_id, change)
     cross join lateral (
       select x as row, x.room_id, x.change from messages x
       where x.room_id = touched.room_id and x.change = touched.change order by x.change limit 1) m
    ) as changed`
