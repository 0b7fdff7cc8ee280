import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** How somebody is called and looks, and who is in a room with them, they themselves included. */
export type NewProfile = {
  userId: UserId
  name: string | null
  image: string | null
  userType: string | null
  viewerIds: UserId[]
}

/** Of the newest rooms, where there are more: who never hears of it sees the new name when a room is opened. */
const VIEWERS_PER_PERSON = 2_000

/** These people as they are now, and who sees them; one statement. Nobody of a deleted account. */
export async function readNewProfiles(db: Database, userIds: readonly UserId[]): Promise<NewProfile[]> {
  return db.query<NewProfile>({
    name: 'read-new-profiles',
    text: `
      select u.id as "userId", u.name, u.image, u.user_type as "userType",
        array(
          select viewer.user_id
          from members own
          join rooms r on r.id = own.room_id and r.kind <> 'feed' and r.deleted_at is null
          join members viewer on viewer.room_id = r.id and viewer.left_at is null
          where own.user_id = u.id and own.left_at is null
          group by viewer.user_id order by max(r.last_at) desc
          limit $2
        ) as "viewerIds"
      from users u where u.id = any($1::text[]) and u.deleted_at is null`,
    values: [userIds, VIEWERS_PER_PERSON],
  })
}
