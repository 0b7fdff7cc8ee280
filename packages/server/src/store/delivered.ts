import type { RoomId, Seq, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** Up to where a device of somebody has the messages of a room. */
export type DeliveredTo = { readonly roomId: RoomId; readonly userId: UserId; readonly seq: Seq }

/**
 * Of these rooms those that the person is in now, each with its newest message's place and how many people are in it,
 * counted no further than to `mostPeople`.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readOwnHeads(
  db: Database,
  { userId, roomIds, mostPeople }: { userId: UserId; roomIds: readonly RoomId[]; mostPeople: number },
): Promise<Map<RoomId, { seq: Seq; people: number }>> {
  const rows = await db.query<{ roomId: RoomId; seq: Seq; people: number }>({
    name: 'read-own-heads',
    text: `
      select r.id as "roomId", r.seq, (
        select count(*)::int
        from (select from members p where p.room_id = r.id and p.left_at is null limit $3) counted) as people
      from unnest($2::text[]) as asked(room_id)
      cross join lateral (
        select m.left_at from members m where m.room_id = asked.room_id and m.user_id = $1 limit 1) own
      cross join lateral (select * from rooms x where x.id = asked.room_id limit 1) r
      where own.left_at is null and r.deleted_at is null and r.kind <> 'feed'`,
    values: [userId, roomIds, mostPeople],
  })
  return new Map(rows.map(({ roomId, ...head }) => [roomId, head]))
}

/**
 * What devices have: of many people in one statement. It writes the rows that rise, and computes from nothing else; no
 * count depends on it.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function raiseDelivered(db: Database, delivered: readonly DeliveredTo[]): Promise<void> {
  await db.query({
    name: 'raise-delivered',
    text: `
      with told as (
        select * from unnest($1::text[], $2::text[], $3::bigint[]) as t(room_id, user_id, seq)
      ), locked as (
        select m.room_id, m.user_id, t.seq
        from told t join members m on m.room_id = t.room_id and m.user_id = t.user_id
        where m.left_at is null and t.seq > m.read_seq and t.seq > m.delivered_seq
        order by m.room_id, m.user_id for no key update of m
      )
      update members m set delivered_seq = greatest(m.delivered_seq, l.seq)
      from locked l where m.room_id = l.room_id and m.user_id = l.user_id`,
    values: [
      delivered.map(({ roomId }) => roomId),
      delivered.map(({ userId }) => userId),
      delivered.map(({ seq }) => seq),
    ],
  })
}
