import { type Identity, RequestError, type User, type UserId } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import { AskedTogether } from '../store/asked-together.ts'
import { type RecognizedRecord, readRecognizedUsers } from '../store/read-recognized-users.ts'
import { type UpsertUser, upsertUser } from '../store/upsert-user.ts'
import type { ActionContext } from './context.ts'

/** What follows for those of one question, down to the ledger, costs hardly more than for one: so they are let collect. */
const ASK_EVERY_MS = 20

/**
 * Somebody proved who they are. Somebody unknown is made known; the token's name, image and type are taken over where
 * they are newer than what is stored, so that an old token does not undo what the host's backend has set since. One
 * look-up and no write when all is so already, and one look-up for all who come at once.
 *
 * The promise is rejected with RequestError `session_revoked` when the token was issued before the sessions of the person
 * were ended or the account was deleted, or its device was signed out; and with `storage_unavailable`.
 */
export function createRecognition({
  db,
  bus,
  devicesSeen,
}: Pick<ActionContext, 'db' | 'bus' | 'devicesSeen'>): Recognize {
  const people = new AskedTogether<Asked, RecognizedRecord>((asked) => readRecognizedUsers(db, asked), {
    everyMs: ASK_EVERY_MS,
  })
  return async (claimed, { issuedAtMs, signIn }) => {
    const { userId } = claimed
    const known = await people.ask({ userId, signIn })
    if (known.signedOut || issuedAtMs < known.revokedBeforeMs) throw new RequestError('session_revoked')
    devicesSeen.note({ userId, signIn })
    const changes = changesOf(known, claimed, issuedAtMs)
    if (known.user !== null && Object.keys(changes).length === 0) return known.user
    const user = await upsertUser(db, { userId, ...changes, issuedAtMs })
    bus.send('all', [{ kind: 'profile-changed', userId }])
    return user
  }
}

type Asked = { userId: UserId; signIn: SignIn }

/** With when the token was issued (ms since 1970). */
type Recognize = (claimed: Identity, token: { issuedAtMs: number; signIn: SignIn }) => Promise<User>

type Profile = Omit<UpsertUser, 'userId' | 'issuedAtMs'>

function changesOf({ user, updatedAtMs }: RecognizedRecord, claimed: Identity, issuedAtMs: number): Profile {
  const { userId: _, ...profile } = claimed
  if (user === null) return profile
  const fields = (Object.keys(profile) as (keyof typeof profile)[]).filter((field) => {
    // What nobody has said yet, any token may say.
    return profile[field] !== user[field] && (issuedAtMs >= updatedAtMs || user[field] === null)
  })
  return Object.fromEntries(fields.map((field) => [field, profile[field]]))
}
