import type { Preferences, UserId } from '@tally/protocol'
import { feedOf } from '../core/feed.ts'
import type { StoredPreferences } from '../core/preferences.ts'
import type { Database } from './open-database.ts'

/** Entries of the feed that are looked at for their types. */
const LATEST = 500

/** What a person has chosen (`null`: nothing), and which types of notifications came to them lately. */
export async function readPreferences(
  db: Database,
  userId: UserId,
): Promise<{ chosen: StoredPreferences | null; rev: number; latestTypes: string[] }> {
  const [row] = await db.query<{ chosen: StoredPreferences | null; rev: number; latestTypes: string[] }>({
    name: 'read-preferences',
    text: `
      select s.preferences as chosen, coalesce(s.preferences_rev, 0) as rev, latest.types as "latestTypes"
      from (
        select coalesce(json_agg(distinct y.type), '[]') as types
        from (select x.type from messages x where x.room_id = $2 order by x.seq desc limit ${LATEST}) y
      ) latest
      left join person_settings s on s.user_id = $1`,
    values: [userId, feedOf(userId)],
  })
  return row ?? { chosen: null, rev: 0, latestTypes: [] }
}

/**
 * Puts what a person has chosen in the place of what they chose at `rev`.
 * @returns the new rev; `undefined` when `rev` is not the present one, or the account is gone, and nothing was written.
 */
export async function writePreferences(
  db: Database,
  { userId, rev, chosen }: { userId: UserId; rev: number; chosen: StoredPreferences },
): Promise<number | undefined> {
  const [row] = await db.query<{ rev: number }>({
    name: 'write-preferences',
    text: `
      insert into person_settings as s (user_id, preferences, preferences_rev)
      select u.id, $2, 1 from users u
      where u.id = $1 and u.deleted_at is null
        and ($3::bigint = 0 or exists (select from person_settings known where known.user_id = u.id))
      on conflict (user_id) do update
      set preferences = excluded.preferences, preferences_rev = s.preferences_rev + 1
      where s.preferences_rev = $3::bigint
      returning s.preferences_rev as rev`,
    values: [userId, JSON.stringify(chosen), rev],
  })
  return row?.rev
}

/** Of these people, what those have chosen who have chosen something. */
export function readChosen(
  db: Database,
  userIds: readonly UserId[],
): Promise<{ userId: UserId; chosen: Pick<Preferences, 'notifications' | 'types'> }[]> {
  return db.query({
    name: 'read-chosen',
    text: `
      select s.user_id as "userId", s.preferences as chosen
      from unnest($1::text[]) asked(id) join person_settings s on s.user_id = asked.id
      where s.preferences is not null`,
    values: [userIds],
  })
}
