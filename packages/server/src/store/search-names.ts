import type { IsoTime, RoomId, User, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'
import type { RoomPlace } from './read-rooms.ts'

/** Every text of `terms` has to be in it. The same form as `comparable` of the program, without its finer points. */
const hasTerms = (text: string, terms: string) =>
  `(select bool_and(strpos(lower(normalize(${text}, NFKC)), term) > 0) from unnest(${terms}::text[]) term)`

/**
 * Rooms a person is in, by title, and direct rooms by the other's name; the newest message first. It walks the person's
 * own rooms, so it costs what their list costs.
 */
export async function searchRoomNames(
  db: Database,
  search: { userId: UserId; terms: readonly string[]; after: RoomPlace | null; limit: number },
): Promise<{ roomId: RoomId; lastAt: IsoTime }[]> {
  const { userId, terms, after, limit } = search
  return db.query({
    name: 'search-room-names',
    text: `
      select r.id as "roomId", iso_time(r.last_at) as "lastAt"
      from members b join rooms r on r.id = b.room_id
      where b.user_id = $1 and b.left_at is null and r.deleted_at is null and r.kind <> 'feed'
        and ($3::timestamptz is null or (r.last_at, r.id) < ($3::timestamptz, $4::text))
        and (${hasTerms('r.title', '$2')}
          or r.kind = 'direct' and exists (
            select from members o join users u on u.id = o.user_id
            where o.room_id = r.id and o.user_id <> $1 and ${hasTerms('u.name', '$2')}))
      order by r.last_at desc, r.id desc limit $5`,
    values: [userId, terms, after?.lastAt ?? null, after?.roomId ?? '', limit],
  })
}

/** People who are in a room with somebody, by name, in order of their ids; at most `most` memberships are looked at. */
export async function searchPeopleNames(
  db: Database,
  search: {
    userId: UserId
    terms: readonly string[]
    afterUserId: UserId | null
    limit: number
    most: number
  },
): Promise<User[]> {
  const { userId, terms, afterUserId, limit, most } = search
  return db.query({
    name: 'search-people-names',
    text: `
      select u.id, u.name, u.image, u.user_type as "userType"
      from users u
      where u.id in (
        select o.user_id
        from members b join rooms r on r.id = b.room_id join members o on o.room_id = b.room_id
        where b.user_id = $1 and b.left_at is null and r.deleted_at is null and r.kind <> 'feed'
          and o.user_id <> $1 and o.left_at is null
        limit $5)
        and u.id > $3 and ${hasTerms('u.name', '$2')}
      order by u.id limit $4`,
    values: [userId, terms, afterUserId ?? '', limit, most],
  })
}
