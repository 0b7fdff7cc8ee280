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
 * stays removed.
 *
 * @returns the person as stored.
 * @throws RequestError `session_revoked` when the account went after the token was issued; `storage_unavailable`.
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
          ...(issuedAtMs === undefined ? named : ifNewer(named, issuedAtMs)),
          updated_at: sql`clock_timestamp()`,
          deleted_at: null,
          removed_at: null,
        })
        .where((where) =>
          // Decided with the row in hand: since somebody looked, the account may have gone.
          where.or([
            where('users.deleted_at', 'is', null),
            issuedAtMs === undefined
              ? where('users.removed_at', 'is not', null)
              : where('users.removed_at', '<=', issuedAt(issuedAtMs)),
          ]),
        ),
    )
    .execute()
  const stored = await readUser(db, id)
  if (stored === undefined) throw new Error('a person that was just stored is not there')
  if (issuedAtMs !== undefined && issuedAtMs < stored.goneAtMs) throw new RequestError('session_revoked')
  return stored.user
}

/** Decided with the row in hand, too. What nobody has said yet, any token may say. */
function ifNewer(named: Named, issuedAtMs: number) {
  const fields = Object.keys(named) as (keyof Named)[]
  return Object.fromEntries(
    fields.map((field) => {
      const [stored, said] = [sql.ref(`users.${field}`), sql.ref(`excluded.${field}`)]
      const isNewer = sql`users.updated_at <= ${issuedAt(issuedAtMs)} or ${stored} is null`
      return [field, sql`case when ${isNewer} then ${said} else ${stored} end`]
    }),
  )
}

/** Exact to the microsecond, as the times that it is held against. */
function issuedAt(issuedAtMs: number): RawBuilder<Date> {
  return sql`to_timestamp(${issuedAtMs}::double precision / 1000)`
}

type StoredUser = {
  user: User
  deleted: boolean
  /** Tokens issued before this time (ms since 1970) were the deleted account's; 0: it is not deleted. */
  goneAtMs: number
}

async function readUser(db: Database, id: UserId): Promise<StoredUser | undefined> {
  const row = await db.kysely
    .selectFrom('users')
    .select(['id', 'name', 'image', 'user_type as userType', 'deleted_at as deletedAt'])
    .select(
      sql<number>`coalesce(ceil(extract(epoch from greatest(deleted_at, removed_at)) * 1000), 0)::bigint`.as(
        'goneAtMs',
      ),
    )
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { deletedAt, goneAtMs, ...user } = row
  return { user, deleted: deletedAt !== null, goneAtMs }
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
