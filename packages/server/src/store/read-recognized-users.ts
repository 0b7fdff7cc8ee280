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

/** People and what was revoked of theirs, in one statement, in the order of the ids. */
export async function readRecognizedUsers(
  db: Database,
  userIds: readonly UserId[],
): Promise<RecognizedRecord[]> {
  const rows = await db.query<Row>({
    name: 'read-recognized-users',
    text: `
      select u.name, u.image, u.user_type as "userType", (u.id is not null and u.deleted_at is null) as known,
        coalesce(ceil(extract(epoch from u.updated_at) * 1000), 0)::bigint as "updatedAtMs",
        coalesce(ceil(extract(epoch from greatest(s.before, u.deleted_at)) * 1000), 0)::bigint as "revokedBeforeMs"
      from unnest($1::text[]) with ordinality asked(id, place)
      left join lateral (select * from users x where x.id = asked.id limit 1) u on true
      left join lateral (select r.before from revoked_sessions r where r.user_id = asked.id limit 1) s on true
      order by asked.place`,
    values: [userIds],
  })
  return rows.map(({ known, updatedAtMs, revokedBeforeMs, ...profile }, place) => {
    const id = userIds[place]
    const user = known && id !== undefined ? { id, ...profile } : null
    return { user, updatedAtMs, revokedBeforeMs }
  })
}
