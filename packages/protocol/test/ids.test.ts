import { describe, expect, test } from 'vitest'
import { IsoTime, LIMITS, Rev, RoomId, Seq, UserId } from '../src/index.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('an id', () => {
  test.each([
    ['a UUIDv7', '0196f3a2-7c1e-7b3a-9f00-2b1c3d4e5f60'],
    ["a host's id with a separator", 'auth0|64f1c2'],
    ['a Korean one', '지원자-1'],
    ['an emoji, which is a pair of surrogates', '😀'],
    ['the longest', 'x'.repeat(LIMITS.idChars)],
    ['the name of a prototype, which is only a string', '__proto__'],
  ])('may be %s', (_, id) => {
    expect(accepts(RoomId, id)).toBe(true)
    expect(accepts(UserId, id)).toBe(true)
  })

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(LIMITS.idChars + 1)],
    ['with NUL', 'a\u0000b'],
    ['with a line break', 'a\nb'],
    ['with DEL', 'a\u007Fb'],
    ['with a line separator', 'a\u2028b'],
    ['with a high surrogate alone', 'a\uD83D'],
    ['with a low surrogate alone', '\uDE00a'],
    ['a dot, which a URL would lose', '.'],
    ['two dots', '..'],
    ['a number', 7],
    ['null', null],
    ['an array of one id', ['a']],
    ['an object that pretends', { toString: () => 'a' }],
  ])('is never %s', (_, id) => {
    expect(accepts(RoomId, id)).toBe(false)
    expect(accepts(UserId, id)).toBe(false)
  })

  test('of a person is never "me", which stands for the caller in a path', () => {
    expect(accepts(UserId, 'me')).toBe(false)
    expect(accepts(UserId, 'meadow')).toBe(true)
    expect(accepts(RoomId, 'me')).toBe(true)
  })
})

describe('a number of the wire', () => {
  test.each([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER])('may be %d', (value) => {
    expect(accepts(Seq, value)).toBe(true)
    expect(accepts(Rev, value)).toBe(true)
  })

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', 1n, null, true, [1]])(
    'is never %s',
    (value) => {
      expect(accepts(Seq, value)).toBe(false)
      expect(accepts(Rev, value)).toBe(false)
    },
  )
})

describe('a time', () => {
  test.each([
    '2025-01-31T09:00:00Z',
    '2025-01-31T09:00:00.123Z',
    '2025-01-31T09:00:00.123456Z',
    '2025-01-31T09:00:00+00:00',
  ])('may be %s', (time) => expect(accepts(IsoTime, time)).toBe(true))

  test.each([
    '0000-01-01T00:00:00Z', // PostgreSQL has no year 0
    '2025-01-31T09:00:00+23:00', // nor such an offset
    '2025-01-31T09:00:00+09:00',
    '2025-02-30T09:00:00Z',
    '2025-01-31T09:00:00',
    '2025-01-31',
    `2025-01-31T09:00:00.${'1'.repeat(40)}Z`,
    'infinity',
    'now',
    '1738314000000',
    "2025-01-31T09:00:00Z'; drop table messages",
  ])('is never %s', (time) => expect(accepts(IsoTime, time)).toBe(false))
})
