import type { UserId } from '@tally/protocol'

/** What the keys of rooms made for the marketplace's applications begin with. */
export const APPLICATION_KEY_PREFIX = 'application:'

const PAIR_KEY_PREFIX = 'pair:'

/** The key of the room of an application: the same application gives the same room. */
export function applicationKey(applicationId: string): string {
  return `${APPLICATION_KEY_PREFIX}${applicationId}`
}

/** The application whose room has this key; `null` for every other key. */
export function applicationIdOf(key: string | null): string | null {
  return key?.startsWith(APPLICATION_KEY_PREFIX) ? key.slice(APPLICATION_KEY_PREFIX.length) : null
}

/**
 * The key of the direct room that two people have when nobody named one: the same from both sides. Encoded, because
 * an id may contain the separator, and two pairs must never share a key.
 */
export function pairKey(one: UserId, other: UserId): string {
  return PAIR_KEY_PREFIX + [one, other].sort().map(encodeURIComponent).join(':')
}

/** Keys that Tally gives out itself; a person who could choose one would take the place of somebody else's room. */
export function isReservedKey(key: string): boolean {
  return key.startsWith(APPLICATION_KEY_PREFIX) || isPairKey(key)
}

/** Keys of our own making are no host's words: they are not shown. */
export function isPairKey(key: string): boolean {
  return key.startsWith(PAIR_KEY_PREFIX)
}
