import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** How somebody is called and looks, and which of the people asked about are in a room with them. */
export type NewProfile = {
  userId: UserId
  name: string | null
  image: string | null
  userType: string | null
  viewerIds: UserId[]
}

/** These people as they are now, for those of `viewerIds` who see them; one statement. Nobody of a deleted account. */
export async function readNewProfiles(
  db: Database,
  { userIds, viewerIds }: { userIds: readonly UserId[]; viewerIds: readonly UserId[] },
): Promise<NewProfile[]> {
  if (userIds.length === 0 || viewerIds.length === 0) return []
  return db.query<NewProfile>({
    name: 'read-new-profiles',
    text: `
      select u.id as "userId", u.name, u.image, u.user_type as "userType",
        array(
          select distinct viewer.user_id
          from members own
          join rooms r on r.id = own.room_id and r.kind <> 'feed' and r.deleted_at is null
          join members viewer on viewer.room_id = r.id and viewer.left_at is null and viewer.user_id = any($2::text[])
          where own.user_id = u.id and own.left_at is null
        ) as "viewerIds"
      from users u where u.id = any($1::text[]) and u.deleted_at is null`,
    values: [userIds, viewerIds],
  })
}
