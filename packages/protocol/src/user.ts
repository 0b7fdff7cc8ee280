import { z } from 'zod'
import { UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/**
 * A link that is safe to put into an `href` or `src`: http(s), or a path of the same site. `javascript:`, `data:` and
 * paths that leave the site (`//host`, `/\host`) are refused.
 */
export const SafeUrl = line(LIMITS.urlChars, 1).regex(
  /^(?:https?:\/\/|\/(?![/\\]))/i,
  'must be an http(s) address or a path',
)

/** A name as shown to people; always text, never markup. */
export const DisplayName = line(LIMITS.nameChars, 1)

/** Which side of the marketplace somebody is on (`user`, `company`), or whatever the host calls it. */
export const UserType = line(LIMITS.typeChars, 1)

/** A person. `name` is null when the account was deleted or never named: the client shows its own word for it. */
export const User = z.object({
  id: UserId,
  name: z.string().nullable(),
  image: z.string().nullable(),
  userType: z.string().nullable(),
})
export type User = z.infer<typeof User>

/** What the host's backend may set of a person. */
export const UserBody = z.object({
  name: DisplayName,
  image: SafeUrl.nullish(),
  userType: UserType.nullish(),
})
export type UserBody = z.infer<typeof UserBody>
