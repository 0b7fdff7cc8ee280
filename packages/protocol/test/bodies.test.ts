import { describe, expect, test } from 'vitest'
import {
  CreateNotificationBody,
  CreateRoomBody,
  LIMITS,
  ReadNotificationsBody,
  RoomMetadata,
  SafeUrl,
  UpdateRoomBody,
  UserBody,
} from '../src/index.ts'

type Schema = { safeParse(value: unknown): { success: boolean } }
const accepts = (schema: Schema, value: unknown) => schema.safeParse(value).success
const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)

describe('metadata', () => {
  test.each<[string, unknown]>([
    ['empty', {}],
    ['of every kind of JSON', { a: [1, -2.5, 'x', null, true, { b: [] }] }],
    ['nested to the limit', nested(LIMITS.metadataDepth)],
    ['of the largest size', { a: 'x'.repeat(LIMITS.metadataBytes - 8) }],
    ['with the names of methods', { constructor: 1, toString: 'x', hasOwnProperty: null }],
  ])('may be %s', (_, metadata) => {
    expect(RoomMetadata.parse(metadata)).toEqual(metadata)
  })

  test.each<[string, unknown]>([
    ['a byte too large', { a: 'x'.repeat(LIMITS.metadataBytes - 7) }],
    ['too large in bytes though not in characters', { a: '가'.repeat(LIMITS.metadataBytes / 3) }],
    ['nested one level too deep', nested(LIMITS.metadataDepth + 1)],
    ['nested ten thousand levels', nested(10_000)],
    ['an array', []],
    ['null', null],
    ['a string', '{}'],
    ['with a prototype inside', JSON.parse('{"a":{"__proto__":{"admin":true}}}')],
    ['with NUL in a value', { a: '\u0000' }],
    ['with NUL in a key', { 'a\u0000': 1 }],
    ['with half a surrogate pair deep inside', { a: [{ b: '\uD83D' }] }],
    ['with NaN', { a: Number.NaN }],
    ['with a date', { a: new Date(0) }],
    ['with undefined', { a: undefined }],
  ])('is never %s', (_, metadata) => {
    expect(accepts(RoomMetadata, metadata)).toBe(false)
  })

  test('loses a prototype given as a key', () => {
    const metadata = RoomMetadata.parse(JSON.parse('{"__proto__":{"admin":true},"a":1}'))
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype)
    expect(metadata).toEqual({ a: 1 })
    expect(Object.keys(metadata)).toEqual(['a'])
  })
})

describe('a link', () => {
  test.each(['https://example.com/a?b#c', 'HTTP://example.com', '/rooms/1', '/'])('may be %s', (url) => {
    expect(accepts(SafeUrl, url)).toBe(true)
  })

  test.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'example.com',
    '',
    `https://example.com/${'x'.repeat(2_048)}`,
  ])('is never %j', (url) => expect(accepts(SafeUrl, url)).toBe(false))
})

describe('a room', () => {
  test('is made with defaults', () => {
    expect(CreateRoomBody.parse({ kind: 'direct', memberIds: ['u2'] })).toEqual({
      kind: 'direct',
      memberIds: ['u2'],
      history: 'none',
    })
  })

  test.each<[string, Record<string, unknown>]>([
    ['without people', { memberIds: [] }],
    [
      'with more people than a request may name',
      { memberIds: Array.from({ length: 101 }, (_, i) => `u${i}`) },
    ],
    ['of the kind of notification feeds', { kind: 'feed' }],
    ['with a title of two lines', { title: 'a\nb' }],
    ['with an endless title', { title: 'x'.repeat(201) }],
    ['with an endless key', { key: 'x'.repeat(201) }],
  ])('is not made %s', (_, change) => {
    expect(accepts(CreateRoomBody, { kind: 'group', memberIds: ['u2'], ...change })).toBe(false)
  })

  test('is changed by naming something', () => {
    expect(accepts(UpdateRoomBody, { title: null })).toBe(true)
    expect(accepts(UpdateRoomBody, { metadata: {} })).toBe(true)
    expect(accepts(UpdateRoomBody, {})).toBe(false)
  })
})

describe('notifications', () => {
  const body = { userIds: ['u1'], type: 'offer', title: '면접 제안' }

  test('need people, a type and a title', () => {
    expect(CreateNotificationBody.parse(body)).toEqual({ ...body, content: '' })
    expect(accepts(CreateNotificationBody, { ...body, userIds: [] })).toBe(false)
    expect(accepts(CreateNotificationBody, { ...body, title: '' })).toBe(false)
    expect(accepts(CreateNotificationBody, { ...body, link: 'javascript:alert(1)' })).toBe(false)
    expect(accepts(CreateNotificationBody, { ...body, content: 'x'.repeat(2_001) })).toBe(false)
  })

  test('are read all, or by their ids', () => {
    expect(accepts(ReadNotificationsBody, { all: true })).toBe(true)
    expect(accepts(ReadNotificationsBody, { ids: ['n1'] })).toBe(true)
    expect(accepts(ReadNotificationsBody, { all: false })).toBe(false)
    expect(accepts(ReadNotificationsBody, { ids: [] })).toBe(false)
    expect(accepts(ReadNotificationsBody, {})).toBe(false)
  })
})

test('a person has a name of one line, and an image that is a link', () => {
  expect(accepts(UserBody, { name: '김하늘', image: null, userType: 'user' })).toBe(true)
  expect(accepts(UserBody, { name: '' })).toBe(false)
  expect(accepts(UserBody, { name: 'a\u0000' })).toBe(false)
  expect(accepts(UserBody, { name: 'a', image: 'data:image/svg+xml,<svg onload=alert(1)>' })).toBe(false)
})
