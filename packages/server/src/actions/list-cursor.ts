import { createHash } from 'node:crypto'
import { Cursor, RequestError } from '@tally/protocol'
import type { z } from 'zod'

/** Which list a cursor belongs to, and of whom (a person, a room): it is valid nowhere else. */
export type CursorScope = { list: string; owner: string }

// Two bytes per character keep an id of the longest length, in any script, within the limit of a cursor.
const ENCODING = 'utf16le'
const SEPARATOR = '\n'
const CHECK_CHARS = 11

/**
 * A place in a list as an opaque text. It names the last entry the page held; the next page begins after it, whatever
 * was added or taken away meanwhile. It grants nothing (every page asks for the caller's rights again), so the check at
 * its end is a checksum against damage and against cursors of other lists, not a signature; every node makes the same.
 */
export function encodeCursor(scope: CursorScope, position: readonly (string | number)[]): Cursor {
  const body = Buffer.from(position.join(SEPARATOR), ENCODING).toString('base64url')
  return Cursor.parse(`${body}.${checkOf(scope, body)}`)
}

/**
 * @param position what the parts must be: nothing unchecked reaches a statement.
 * @throws RequestError `invalid_cursor` for anything that this list did not give this owner.
 */
export function decodeCursor<S extends z.ZodType>(
  scope: CursorScope,
  cursor: Cursor,
  position: S,
): z.output<S> {
  const [body = '', check] = cursor.split('.')
  if (check !== checkOf(scope, body)) throw new RequestError('invalid_cursor')
  const parsed = position.safeParse(Buffer.from(body, 'base64url').toString(ENCODING).split(SEPARATOR))
  if (!parsed.success) throw new RequestError('invalid_cursor')
  return parsed.data
}

/**
 * One page out of `limit + 1` entries that were read: the one too many says that there is a next page, without being
 * shown and without a count.
 */
export function pageOf<T>(read: readonly T[], limit: number, cursorAfter: (last: T) => Cursor) {
  const items = read.slice(0, limit)
  const last = items.at(-1)
  const next = read.length > limit && last !== undefined ? cursorAfter(last) : null
  return { items, next }
}

function checkOf({ list, owner }: CursorScope, body: string): string {
  const digest = createHash('sha256').update(`${list}\n${owner}\n${body}`).digest('base64url')
  return digest.slice(0, CHECK_CHARS)
}
