import type { User, UserId } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import type { Database } from './open-database.ts'

/** A person as the database knows them, and since when their tokens are good. */
export type RecognizedRecord = {
  /** `null` for somebody nobody has heard of, and for an account that is gone or going. */
  user: User | null
  /** When name, image or type were last set, by whomever (ms since 1970; 0: never). */
  updatedAtMs: number
  /** Tokens issued before this time (ms since 1970) were revoked or were the deleted account's; 0: none. */
  revokedBeforeMs: number
  /** The device of the sign-in was signed out: its tokens are good no more, whenever they were issued. */
  signedOut: boolean
}

type Row = Omit<User, 'id'> & Omit<RecognizedRecord, 'user'> & { known: boolean }

/** People and what was revoked of theirs, in one statement, in the order in which they were asked for. */
export async function readRecognizedUsers(
  db: Database,
  asked: readonly { userId: UserId; signIn: SignIn }[],
): Promise<RecognizedRecord[]> {
  const rows = await db.query<Row>({
    name: 'read-recognized-users',
    text: `
      select u.name, u.image, u.user_type as "userType", (u.id is not null and u.deleted_at is null) as known,
        coalesce(ceil(extract(epoch from u.updated_at) * 1000), 0)::bigint as "updatedAtMs",
        coalesce(ceil(extract(epoch from greatest(s.before, u.deleted_at, u.removed_at)) * 1000), 0)::bigint as "revokedBeforeMs",
        exists (
          select from sign_ins i where i.user_id = asked.id and i.sign_in = asked.sign_in and i.ended_at is not null
        ) as "signedOut"
      from unnest($1::text[], $2::text[]) with ordinality asked(id, sign_in, place)
      left join lateral (select * from users x where x.id = asked.id limit 1) u on true
      left join lateral (select r.before from revoked_sessions r where r.user_id = asked.id limit 1) s on true
      order by asked.place`,
    values: [asked.map(({ userId }) => userId), asked.map(({ signIn }) => signIn)],
  })
  return rows.map(({ known, updatedAtMs, revokedBeforeMs, signedOut, ...profile }, place) => {
    const id = asked[place]?.userId
    const user = known && id !== undefined ? { id, ...profile } : null
    return { user, updatedAtMs, revokedBeforeMs, signedOut }
  })
}
