import { z } from 'zod'
import { Token } from '../identity.ts'
import { Count, IsoTime, UserId } from '../ids.ts'

/** `authenticate`: a bare token, or `{ token }`. */
export const AuthenticatePayload = z.union([
  Token.transform((token) => ({ token })),
  z.object({ token: Token }),
])

/** A person as installed apps know it. */
export const WireUser = z.object({
  id: UserId,
  name: z.string().nullable(),
  user_type: z.string().nullable(),
})
export type WireUser = z.infer<typeof WireUser>

/** Acknowledges `authenticate`. */
export const AuthenticateResult = z.object({ user: WireUser })

/** `visibility`: whether a person can see the app on this device; hidden closes its rooms. */
export const VisibilityPayload = z.object({ visible: z.boolean() })

/** The token was accepted. */
export const Authenticated = z.object({ success: z.literal(true), user: WireUser })
export type Authenticated = z.infer<typeof Authenticated>

/** A refusal without an acknowledgement to carry it. `code` is an `ErrorCode`. */
export const WireError = z.object({ message: z.string(), code: z.string() })
export type WireError = z.infer<typeof WireError>

/** Why a connection was ended for good; the client must not come back by itself. */
export const DISCONNECT_REASONS = ['session_revoked', 'signed_in_elsewhere', 'account_deleted'] as const
/** The connection ends for good. */
export const ForceDisconnect = z.object({ reason: z.enum(DISCONNECT_REASONS) })
export type ForceDisconnect = z.infer<typeof ForceDisconnect>

/** The node is about to go: connect anew after this many ms. */
export const ServerDraining = z.object({ reconnectInMs: Count })
export type ServerDraining = z.infer<typeof ServerDraining>

/** Somebody the caller shares a room with came or went; over all of that person's devices. */
export const Presence = z.object({ userId: UserId, online: z.boolean(), lastSeenAt: IsoTime.nullable() })
export type Presence = z.infer<typeof Presence>
