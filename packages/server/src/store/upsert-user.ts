import { RequestError, type User, type UserId } from '@tally/protocol'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from './open-database.ts'

export type UpsertUser = {
  userId: UserId
  /** Absent: as it is. */
  name?: string | null
  image?: string | null
  userType?: string | null
  /**
   * When the token was issued that says so (ms since 1970): what was set since is left as it is. Absent: the host's backend
   * says so, now.
   */
  issuedAtMs?: number
}

/**
 * Makes a person known, or changes what is named. Nothing is written when all is so already. An account that was
 * removed begins anew, with a token only if that was issued after the removal; one whose removal is still under way
 * stays removed. A token that is good no more changes nothing.
 *
 * @returns the person as stored.
 * @throws RequestError `session_revoked` when the person's sessions ended after the token was issued;
 * `storage_unavailable`.
 */
export async function upsertUser(db: Database, input: UpsertUser): Promise<User> {
  const known = await readUser(db, input.userId)
  if (known !== undefined && !known.deleted && isSame(known.user, input)) return known.user
  const { userId: id, name, image, userType: user_type, issuedAtMs } = input
  const named = definedOf({ name, image, user_type })
  await db.kysely
    .insertInto('users')
    .values({ id, ...named })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({
          ...(issuedAtMs === undefined ? { ...named, updated_at: NOW } : asOf(issuedAtMs, named)),
          deleted_at: null,
          removed_at: null,
        })
        // Decided with the row in hand: since somebody looked, the account may have gone, and come back.
        .where(
          issuedAtMs === undefined
            ? IS_NOT_BEING_REMOVED
            : sql<boolean>`${IS_NOT_BEING_REMOVED} and ${isGood(issuedAtMs)}`,
        ),
    )
    .execute()
  const stored = await readUser(db, id)
  if (stored === undefined) throw new Error('a person that was just stored is not there')
  if (issuedAtMs !== undefined && issuedAtMs < stored.revokedBeforeMs)
    throw new RequestError('session_revoked')
  return stored.user
}

const NOW = sql<Date>`clock_timestamp()`

const IS_NOT_BEING_REMOVED = sql<boolean>`(users.deleted_at is null or users.removed_at is not null)`

function isGood(issuedAtMs: number): RawBuilder<boolean> {
  const at = issuedAt(issuedAtMs)
  return sql`coalesce(users.removed_at <= ${at}, true)
    and not exists (select from revoked_sessions r where r.user_id = users.id and r.before > ${at})`
}

/** What was set since a token was issued stays; what nobody has said yet, any token may say. */
function asOf(issuedAtMs: number, named: Named) {
  const isNewer = sql`users.updated_at <= ${issuedAt(issuedAtMs)}`
  const fields = (Object.keys(named) as (keyof Named)[]).map((field) => {
    const [stored, said] = [sql.ref(`users.${field}`), sql.ref(`excluded.${field}`)]
    return [field, sql`case when ${isNewer} or ${stored} is null then ${said} else ${stored} end`]
  })
  const updatedAt = sql<Date>`case when ${isNewer} then ${NOW} else users.updated_at end`
  return { ...Object.fromEntries(fields), updated_at: updatedAt }
}

/** Exact to the microsecond, as the times that it is held against. */
function issuedAt(issuedAtMs: number): RawBuilder<Date> {
  return sql`to_timestamp(${issuedAtMs}::double precision / 1000)`
}

type StoredUser = {
  user: User
  deleted: boolean
  /** Tokens issued before this time (ms since 1970) are good no more; 0: none. */
  revokedBeforeMs: number
}

async function readUser(db: Database, id: UserId): Promise<StoredUser | undefined> {
  const row = await db.kysely
    .selectFrom('users as u')
    .leftJoin('revoked_sessions as r', 'r.user_id', 'u.id')
    .select(['u.id', 'u.name', 'u.image', 'u.user_type as userType', 'u.deleted_at as deletedAt'])
    .select(
      sql<number>`coalesce(ceil(extract(epoch from greatest(r.before, u.deleted_at, u.removed_at)) * 1000), 0)::bigint`.as(
        'revokedBeforeMs',
      ),
    )
    .where('u.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { deletedAt, revokedBeforeMs, ...user } = row
  return { user, deleted: deletedAt !== null, revokedBeforeMs }
}

function isSame(user: User, { name, image, userType }: UpsertUser): boolean {
  return (
    (name === undefined || name === user.name) &&
    (image === undefined || image === user.image) &&
    (userType === undefined || userType === user.userType)
  )
}

type Named = { name?: string | null; image?: string | null; user_type?: string | null }

function definedOf(named: { [key in keyof Named]: Named[key] | undefined }): Named {
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
}
