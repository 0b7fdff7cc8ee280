import type { User, UserId } from '@tally/protocol'
import { sql } from 'kysely'
import type { Database } from './open-database.ts'

export type UpsertUser = {
  userId: UserId
  /** Absent: as it is. */
  name?: string | null
  image?: string | null
  userType?: string | null
}

/**
 * Makes a person known, or changes what is named. Nothing is written when all is so already. An account that was
 * removed begins anew; one whose removal is still under way stays removed.
 *
 * @returns the person as stored.
 * @throws RequestError `storage_unavailable`.
 */
export async function upsertUser(db: Database, input: UpsertUser): Promise<User> {
  const known = await readUser(db, input.userId)
  if (known !== undefined && !known.deleted && isSame(known.user, input)) return known.user
  const { userId: id, name, image, userType: user_type } = input
  const named = definedOf({ name, image, user_type })
  await db.kysely
    .insertInto('users')
    .values({ id, ...named })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ ...named, updated_at: sql`clock_timestamp()`, deleted_at: null, removed_at: null })
        .where((where) =>
          where.or([where('users.deleted_at', 'is', null), where('users.removed_at', 'is not', null)]),
        ),
    )
    .execute()
  const stored = await readUser(db, id)
  if (stored === undefined) throw new Error('a person that was just stored is not there')
  return stored.user
}

async function readUser(db: Database, id: UserId): Promise<{ user: User; deleted: boolean } | undefined> {
  const row = await db.kysely
    .selectFrom('users')
    .select(['id', 'name', 'image', 'user_type as userType', 'deleted_at as deletedAt'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { deletedAt, ...user } = row
  return { user, deleted: deletedAt !== null }
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
