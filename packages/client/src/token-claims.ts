import type { UserId, WireUser } from '@tally/protocol'

/**
 * Who a token speaks for, as far as it says so itself: the first of `sub`, `userId`, `user_id` that is there. Read
 * without checking anything, so it may decide what is looked up on this device and nothing else; whether it is true is
 * the server's to say. `undefined`: it is no JWT, or names nobody.
 */
export function userOfToken(token: string): WireUser | undefined {
  const claims = claimsOf(token)
  if (claims === undefined) return undefined
  const { sub, userId, user_id, name, user_type } = claims
  const id = [sub, userId, user_id].find((claim) => claim !== undefined && claim !== null && claim !== '')
  if (typeof id !== 'string' && typeof id !== 'number') return undefined
  return { id: String(id) as UserId, name: textOf(name), user_type: textOf(user_type) }
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const payload = token.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const bytes = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    // `TextDecoder` is missing in React Native.
    const escaped = Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
    const claims: unknown = JSON.parse(decodeURIComponent(escaped.join('')))
    return typeof claims === 'object' && claims !== null ? { ...claims } : undefined
  } catch {
    return undefined
  }
}

const textOf = (claim: unknown): string | null => (typeof claim === 'string' ? claim : null)
