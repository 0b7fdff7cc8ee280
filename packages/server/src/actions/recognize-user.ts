import { type Identity, RequestError, type User } from '@tally/protocol'
import { type RecognizedRecord, readRecognizedUser } from '../store/read-recognized-user.ts'
import { type UpsertUser, upsertUser } from '../store/upsert-user.ts'
import type { ActionContext } from './context.ts'

/**
 * Somebody proved who they are. Somebody unknown is made known; the token's name, image and type are taken over where
 * they are newer than what is stored, so that an old token does not undo what the host's backend has set since. One
 * look-up and no write when all is so already.
 *
 * @param issuedAtMs when the token was issued.
 * @throws RequestError `session_revoked` when that was before the sessions of the person were ended or the account was
 * deleted; `storage_unavailable`.
 */
export async function recognizeUser(
  ctx: ActionContext,
  claimed: Identity,
  issuedAtMs: number,
): Promise<User> {
  const known = await readRecognizedUser(ctx.db, claimed.userId)
  if (issuedAtMs < known.revokedBeforeMs) throw new RequestError('session_revoked')
  const changes = changesOf(known, claimed, issuedAtMs)
  if (known.user !== null && Object.keys(changes).length === 0) return known.user
  return upsertUser(ctx.db, { userId: claimed.userId, ...changes })
}

type Profile = Omit<UpsertUser, 'userId'>

function changesOf({ user, updatedAtMs }: RecognizedRecord, claimed: Identity, issuedAtMs: number): Profile {
  const { userId: _, ...profile } = claimed
  if (user === null) return profile
  const fields = (Object.keys(profile) as (keyof typeof profile)[]).filter((field) => {
    // What nobody has said yet, any token may say.
    return profile[field] !== user[field] && (issuedAtMs >= updatedAtMs || user[field] === null)
  })
  return Object.fromEntries(fields.map((field) => [field, profile[field]]))
}
