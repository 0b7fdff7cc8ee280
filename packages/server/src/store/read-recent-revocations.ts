import type { UserId } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import type { Database } from './open-database.ts'

export type Revocation = {
  userId: UserId
  /** Tokens issued before this time (ms since 1970) are no longer good. */
  beforeMs: number
  /** How long ago that was, by the database's own clock. */
  agoMs: number
  /** The account went, and its sessions with it. */
  accountDeleted: boolean
  /** Only what was signed in with this: a device was signed out. `null`: everything of the person. */
  signIn: SignIn | null
}

/** Whose sessions ended within the last `withinMs`. */
export function readRecentRevocations(
  db: Database,
  { withinMs }: { withinMs: number },
): Promise<Revocation[]> {
  return db.query<Revocation>({
    name: 'read-recent-revocations',
    text: `
      select s.user_id as "userId", ceil(extract(epoch from s.before) * 1000)::bigint as "beforeMs",
        floor(extract(epoch from clock_timestamp() - s.before) * 1000)::bigint as "agoMs",
        u.deleted_at is not null as "accountDeleted", null::text as "signIn"
      from revoked_sessions s join users u on u.id = s.user_id
      where s.before > clock_timestamp() - $1 * interval '1 millisecond'
      union all
      select i.user_id, 0, floor(extract(epoch from clock_timestamp() - i.ended_at) * 1000)::bigint, false, i.sign_in
      from sign_ins i
      where i.ended_at > clock_timestamp() - $1 * interval '1 millisecond'`,
    values: [withinMs],
  })
}
