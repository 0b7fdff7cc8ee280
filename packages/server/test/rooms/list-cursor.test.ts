import { Cursor, IsoTime, LIMITS, RoomId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { decodeCursor, encodeCursor, pageOf } from '../../src/actions/list-cursor.ts'

const scope = { list: 'rooms', owner: 'mina' }
const Place = z.tuple([IsoTime, RoomId])
const place = ['2026-03-01T09:00:00.000001Z', 'room-1']

test('a cursor comes back as the place it names, to the microsecond', () => {
  expect(decodeCursor(scope, encodeCursor(scope, place), Place)).toEqual(place)
})

test.each(['a', '한', '🙂', '"', '\\'])(
  'a cursor of the longest id made of %s is within the limit',
  (char) => {
    const id = char.repeat(LIMITS.idChars / char.length)
    const cursor = encodeCursor(scope, ['2026-03-01T09:00:00.000001Z', id])
    expect(cursor.length).toBeLessThanOrEqual(LIMITS.cursorChars)
    expect(decodeCursor(scope, cursor, Place)[1]).toBe(id)
  },
)

test('a cursor is valid in the list it came from, for the one it was given to, and nowhere else', () => {
  const cursor = encodeCursor(scope, place)
  expect(() => decodeCursor({ ...scope, list: 'members' }, cursor, Place)).toThrow(invalid)
  expect(() => decodeCursor({ ...scope, owner: 'joon' }, cursor, Place)).toThrow(invalid)
})

test('a cursor with any character changed is refused', () => {
  const cursor = encodeCursor(scope, place)
  for (let at = 0; at < cursor.length; at++) {
    const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`
    expect(() => decodeCursor(scope, Cursor.parse(changed), Place), `character ${at}`).toThrow(invalid)
  }
})

test.each(['x', '.', '..', 'null', '{"id":1}', 'a'.repeat(500)])('%s is no cursor', (text) => {
  expect(() => decodeCursor(scope, Cursor.parse(text), Place)).toThrow(invalid)
})

test('a cursor whose parts are not what the list needs never reaches a statement', () => {
  const forged = encodeCursor(scope, ["2026-03-01'; drop table rooms; --", 'room-1'])
  expect(() => decodeCursor(scope, forged, Place)).toThrow(invalid)
})

test('the entry too many tells that there is a next page and is not in this one', () => {
  const cursorAfter = (last: number) => encodeCursor(scope, [last])
  expect(pageOf([1, 2, 3], 2, cursorAfter)).toEqual({ items: [1, 2], next: cursorAfter(2) })
  expect(pageOf([1, 2], 2, cursorAfter)).toEqual({ items: [1, 2], next: null })
  expect(pageOf([], 2, cursorAfter)).toEqual({ items: [], next: null })
})

const invalid = expect.objectContaining({ code: 'invalid_cursor' })
