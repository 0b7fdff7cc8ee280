import type { User, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/** A person as the database knows them, and since when their tokens are good. */
export type RecognizedRecord = {
  /** `null` for somebody nobody has heard of, and for an account that is gone or going. */
  user: User | null
  /** When name, image or type were last set, by whomever (ms since 1970; 0: never). */
  updatedAtMs: number
  /** Tokens issued before this time (ms since 1970) were revoked or were the deleted account's; 0: none. */
  revokedBeforeMs: number
}

type Row = Omit<User, 'id'> & { known: boolean; updatedAtMs: number; revokedBeforeMs: number }

/** A person and what was revoked of theirs, in one statement. */
export async function readRecognizedUser(db: Database, userId: UserId): Promise<RecognizedRecord> {
  const [row] = await db.query<Row>({
    name: 'read-recognized-user',
    text: `
      select u.name, u.image, u.user_type as "userType", (u.id is not null and u.deleted_at is null) as known,
        coalesce(ceil(extract(epoch from u.updated_at) * 1000), 0)::bigint as "updatedAtMs",
        coalesce(ceil(extract(epoch from greatest(s.before, u.deleted_at)) * 1000), 0)::bigint as "revokedBeforeMs"
      from (select $1::text collate "C" as id) asked
      left join users u on u.id = asked.id
      left join revoked_sessions s on s.user_id = asked.id`,
    values: [userId],
  })
  if (row === undefined) return { user: null, updatedAtMs: 0, revokedBeforeMs: 0 }
  const { known, updatedAtMs, revokedBeforeMs, ...profile } = row
  return { user: known ? { id: userId, ...profile } : null, updatedAtMs, revokedBeforeMs }
}
