import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

export type UserRecord = {
  id: UserId
  /** Null when the account is gone or never had one. */
  name: string | null
  image: string | null
  userType: string | null
  deleted: boolean
}

/** The known ones of these people; deleted accounts among them. */
export async function readUsers(db: Database, userIds: readonly UserId[]): Promise<Map<UserId, UserRecord>> {
  if (userIds.length === 0) return new Map()
  const rows = await db.query<UserRecord>({
    name: 'read-users',
    text: `
      select id, name, image, user_type as "userType", deleted_at is not null as deleted
      from users where id = any($1::text[])`,
    values: [userIds],
  })
  return new Map(rows.map((user) => [user.id, user]))
}
