import type { RoomId, UserId } from '@tally/protocol'
import type { MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** Changes that were committed and of which nobody said that the ledger has them. */
export type UndoneChanges = {
  outboxIds: string[]
  /** The rooms and rows they changed, as these are now: absolute values, so nothing older has to be known. */
  rooms: RoomHead[]
  members: MemberState[]
  /** The messages they brought, as these are now, each room's in order. */
  messages: StoredMessage[]
}

/**
 * The oldest `limit` rows of the outbox that are not done `undoneForMs` after they were written, and what they are
 * about, from one snapshot; `undefined` when there are none.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readUndoneChanges(
  db: Database,
  { undoneForMs, limit }: { undoneForMs: number; limit: number },
): Promise<UndoneChanges | undefined> {
  const rows = await db.query<OutboxRow>({
    name: 'read-undone',
    text: `
      select o.id::text as id, o.payload from outbox o
      where o.done_at is null and o.created_at <= clock_timestamp() - make_interval(secs => $1::float8 / 1000)
      order by o.created_at limit $2`,
    values: [undoneForMs, limit],
  })
  if (rows.length === 0) return undefined
  return { outboxIds: rows.map(({ id }) => id), ...(await readPresentState(db, rows)) }
}

type OutboxRow = {
  id: string
  payload: {
    rooms: { roomId: RoomId; first?: number; last?: number }[]
    members: { roomId: RoomId; userId: UserId }[]
  }
}

async function readPresentState(
  db: Database,
  rows: readonly OutboxRow[],
): Promise<Omit<UndoneChanges, 'outboxIds'>> {
  const rooms = rows.flatMap(({ payload }) => payload.rooms)
  const members = new Map(
    rows.flatMap(({ payload }) => payload.members.map((row) => [`${row.roomId}\n${row.userId}`, row])),
  )
  const spans = rooms.flatMap(({ roomId, first, last }) =>
    first === undefined || last === undefined ? [] : [{ roomId, first, last }],
  )
  const [state] = await db.query<Omit<UndoneChanges, 'outboxIds'>>({
    name: 'read-present-state',
    text: `
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
        ) as messages`,
    values: [
      [...new Set(rooms.map(({ roomId }) => roomId))],
      Array.from(members.values(), ({ roomId }) => roomId),
      Array.from(members.values(), ({ userId }) => userId),
      spans.map(({ roomId }) => roomId),
      spans.map(({ first }) => first),
      spans.map(({ last }) => last),
    ],
  })
  return state ?? { rooms: [], members: [], messages: [] }
}
