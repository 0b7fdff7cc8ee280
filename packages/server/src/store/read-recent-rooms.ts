import type { RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * The rooms of these people that a commit of so lately changed, for all of their members or for themselves. People of
 * whom there are none are left out. Costs as much as was committed, whoever it is asked for.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function readRecentRooms(
  db: Database,
  { userIds, forMs }: { userIds: readonly UserId[]; forMs: number },
): Promise<{ userId: UserId; roomIds: RoomId[] }[]> {
  return db.query({
    name: 'read-recent-rooms',
    // By number, from the end: the outbox holds far more than that, and only its undone rows are found by time.
    text: `
      with settled as materialized (
        select coalesce((
          select x.id from outbox x where x.created_at < now() - make_interval(secs => $2::float8 / 1000) order by x.id desc limit 1), 0) as id
      ),
      recent as materialized (
        select o.payload from settled cross join lateral (
          select x.payload from outbox x where x.id > settled.id order by x.id) o
      ),
      changed as (
        select b.user_id, b.room_id
        from (select distinct r.room ->> 'roomId' as room_id
              from recent cross join lateral json_array_elements(payload -> 'rooms') r(room)) r
        join members b on b.room_id = r.room_id and b.user_id = any($1::text[])
        union
        select m.member ->> 'userId', m.member ->> 'roomId'
        from recent cross join lateral json_array_elements(payload -> 'members') m(member)
        where m.member ->> 'userId' = any($1::text[])
      )
      select user_id as "userId", json_agg(room_id) as "roomIds" from changed group by user_id`,
    values: [userIds, forMs],
  })
}
