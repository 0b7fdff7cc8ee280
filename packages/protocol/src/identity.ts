import { z } from 'zod'
import { UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'
import { DisplayName, SafeUrl, User, UserType } from './user.ts'

/** A JWT in its compact form; longer ones are refused before any cryptography. */
export const Token = line(LIMITS.tokenChars, 1)
export type Token = z.infer<typeof Token>

// Hosts with numeric user tables put the number itself into the token.
const ClaimedId = z.union([z.string(), z.int().min(0).transform(String)]).nullish()

/**
 * The claims Tally reads, of a token whose signature and times were already checked. A `name`, `image` or `user_type`
 * that is not usable is left out rather than refused: the host's profile must not lock people out of their chat.
 */
export const Claims = z.object({
  sub: ClaimedId,
  userId: ClaimedId,
  user_id: ClaimedId,
  name: DisplayName.optional().catch(undefined),
  image: SafeUrl.optional().catch(undefined),
  user_type: UserType.optional().catch(undefined),
  iat: z.number().optional(),
  exp: z.number().optional(),
})
export type Claims = z.infer<typeof Claims>

/** Who a token speaks for. Fields the token does not carry are absent: they leave the user's row as it is. */
export type Identity = { userId: UserId; name?: string; image?: string; userType?: string }

/** The person of a verified token: the first of `sub`, `userId`, `user_id` that is there; `undefined` if unusable. */
export function identityFrom(claims: unknown): Identity | undefined {
  const parsed = Claims.safeParse(claims)
  if (!parsed.success) return undefined
  const { sub, userId, user_id, name, image, user_type } = parsed.data
  const id = UserId.safeParse([sub, userId, user_id].find((claim) => claim != null && claim !== ''))
  if (!id.success) return undefined
  return {
    userId: id.data,
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(user_type === undefined ? {} : { userType: user_type }),
  }
}

/** Development only: become anybody. */
export const DevLoginBody = z.object({
  userId: UserId,
  name: DisplayName.optional(),
  userType: UserType.optional(),
})
export type DevLoginBody = z.infer<typeof DevLoginBody>

/** A token of the person, and the row it made. */
export const DevLoginAnswer = z.object({ token: Token, user: User })
export type DevLoginAnswer = z.infer<typeof DevLoginAnswer>

/** End every session of a person whose token was issued before now. */
export const RevokeSessionsBody = z.object({ userId: UserId })
export type RevokeSessionsBody = z.infer<typeof RevokeSessionsBody>
