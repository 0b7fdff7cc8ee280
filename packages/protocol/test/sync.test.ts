import { describe, expect, test } from 'vitest'
import {
  type Change,
  formatNamedRooms,
  formatOpenRooms,
  NamedRoom,
  OpenRoom,
  type RoomId,
  SyncAnswer,
  SyncQuery,
} from '../src/index.ts'

const named = (roomId: string, change: number) => NamedRoom.parse({ roomId, change })

describe('the query of a sync', () => {
  test('comes as strings and is understood as numbers', () => {
    expect(SyncQuery.parse({ since: '1048577', wait: '25', rooms: 'r1:4,r2:0', page: '0' })).toEqual({
      since: 1_048_577,
      wait: 25,
      rooms: [named('r1', 4), named('r2', 0)],
    })
  })

  test('may be empty', () => {
    expect(SyncQuery.parse({})).toEqual({})
    expect(SyncQuery.parse({ rooms: '' })).toEqual({ rooms: [] })
  })

  test('carries any room id there and back', () => {
    const rooms = ['a,b', 'a:b:1', '100%', '방', 'feed:u1', '0196f3a2-7c1e-7b3a-9f00-2b1c3d4e5f60'].map(
      (id, at) => named(id, at),
    )
    expect(SyncQuery.parse({ rooms: formatNamedRooms(rooms) }).rooms).toEqual(rooms)
  })

  test('carries what a device shows, which may be nothing, there and back', () => {
    const open = [OpenRoom.parse({ roomId: 'a,b:1', readEpoch: 3 })]
    const query = { device: 'tablet-1', open: formatOpenRooms(open) }
    expect(SyncQuery.parse(query)).toEqual({ ...query, open })
    expect(SyncQuery.parse({ open: formatOpenRooms([]) })).toEqual({ open: [] })
  })

  test('leaves a UUID readable', () => {
    const rooms = [{ roomId: '0196f3a2-7c1e-7b3a-9f00-2b1c3d4e5f60' as RoomId, change: 7 as Change }]
    expect(formatNamedRooms(rooms)).toBe('0196f3a2-7c1e-7b3a-9f00-2b1c3d4e5f60:7')
  })

  test.each<[string, Record<string, unknown>]>([
    ['a wait beyond the limit', { wait: '26' }],
    ['a negative since', { since: '-1' }],
    ['a since of 2^53', { since: String(2 ** 53) }],
    ['a since in hexadecimal', { since: '0x10' }],
    ['a since in scientific notation', { since: '1e3' }],
    ['an empty since', { since: '' }],
    ['a since given twice', { since: ['1', '2'] }],
    ['rooms without a change', { rooms: 'r1' }],
    ['rooms with a broken change', { rooms: 'r1:x' }],
    ['rooms with a broken encoding', { rooms: '%E0%A4%A:1' }],
    ['rooms with NUL in an id', { rooms: '%00:1' }],
    ['an empty entry', { rooms: 'r1:1,,r2:1' }],
    ['too many rooms', { rooms: Array.from({ length: 51 }, (_, i) => `r${i}:1`).join(',') }],
    ['a mebibyte of rooms', { rooms: 'r:1,'.repeat(262_144) }],
    ['open rooms without an epoch', { open: 'r1' }],
    ['too many open rooms', { open: Array.from({ length: 51 }, (_, i) => `r${i}:1`).join(',') }],
    ['a device without a name', { device: '' }],
    ['a device with a name that is no word', { device: 'my phone!' }],
    ['a cursor with control characters', { next: '\u0000' }],
  ])('is refused with %s', (_, query) => {
    expect(SyncQuery.safeParse(query).success).toBe(false)
  })
})

test('the answer of a sync tells a room that was left from one that changed', () => {
  const answer = {
    rev: 5,
    badge: { total: null, unreadRooms: 0, notifications: 0, rev: 5, stale: true },
    rooms: [{ id: 'r1', left: true }],
    messages: {},
    changes: { r2: 9 },
    nextPollMs: 2_000,
    activeUsers: 1,
    full: false,
    next: null,
  }
  expect(SyncAnswer.parse(answer)).toEqual(answer)
  expect(SyncAnswer.safeParse({ ...answer, rooms: [{ id: 'r1' }] }).success).toBe(false)
})
