import type { RoomState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { filterRooms, type RoomFilter } from './filter-rooms.ts'
import { reachOf, roomFace } from './room-face.ts'

const meId = 'me' as UserId

const member = (userId: string, name: string | null, over = {}) => ({
  userId,
  name,
  userType: 'company',
  readSeq: 0,
  deliveredSeq: 0,
  left: false,
  ...over,
})

const room = (id: string, over: Record<string, unknown> = {}, me: Record<string, unknown> = {}) =>
  ({
    id,
    kind: 'direct',
    metadata: {},
    members: [member('me', '김민준'), member('other', '한빛 식당')],
    lastMessage: null,
    me: { unread: 0, muted: false, archived: false, ...me },
    ...over,
  }) as unknown as RoomState

const rooms = [
  room('read'),
  room('unread', { lastMessage: { text: 'See you at NOON' } }, { unread: 2 }),
  room('muted', { members: [member('me', '김민준'), member('b', 'Café Ondo')] }, { unread: 26, muted: true }),
  room('archived', { title: '주방 보조' }, { archived: true, unread: 1 }),
]
const ids = (filter: RoomFilter, query = '') =>
  filterRooms(rooms, { filter, query, meId }).map(({ id }) => id)

describe('filters', () => {
  test('archived rooms are in their own filter only', () => {
    expect(ids('all')).toEqual(['read', 'unread', 'muted'])
    expect(ids('unread')).toEqual(['unread', 'muted'])
    expect(ids('muted')).toEqual(['muted'])
    expect(ids('archived')).toEqual(['archived'])
  })
  test('a search goes over all rooms: names, subjects, last messages', () => {
    expect(ids('unread', '  noon ')).toEqual(['unread'])
    expect(ids('all', '주방')).toEqual(['archived'])
    expect(ids('archived', 'café')).toEqual(['muted'])
  })
  test('a search finds Hangul typed as separate letters, and not the searcher’s own name', () => {
    expect(ids('all', '한빛'.normalize('NFD'))).toEqual(['read', 'unread', 'archived'])
    expect(ids('all', '김민준')).toEqual([])
  })
})

describe('a room’s face', () => {
  test('is the other person, and what the room is about', () => {
    expect(roomFace(room('r', { title: '주방 보조' }), meId)).toMatchObject({
      name: '한빛 식당',
      subject: '주방 보조',
      otherId: 'other',
    })
    expect(roomFace(room('r', { metadata: { jobTitle: '바리스타' } }), meId).subject).toBe('바리스타')
    expect(roomFace(room('r', { metadata: { jobTitle: { not: 'text' } } }), meId).subject).toBeNull()
  })
  test('has no name when the other person left or deleted the account', () => {
    const left = room('r', { members: [member('me', '나'), member('x', 'Gone', { left: true })] })
    const deleted = room('r', { members: [member('me', '나'), member('x', null)] })
    expect([left, deleted].map((it) => roomFace(it, meId).name)).toEqual([null, null])
  })
  test('of a group is its title, or the names of those in it', () => {
    const members = [
      member('me', '나'),
      member('a', '민지'),
      member('b', '란'),
      member('c', '갔음', { left: true }),
    ]
    expect(roomFace(room('g', { kind: 'group', members }), meId)).toMatchObject({
      name: '민지, 란',
      people: 3,
    })
    expect(roomFace(room('g', { kind: 'group', members, title: '8월' }), meId).name).toBe('8월')
  })
})

describe('how far a message has come', () => {
  const members = [
    member('me', '나', { readSeq: 9, deliveredSeq: 9 }),
    member('a', 'a', { readSeq: 5, deliveredSeq: 7 }),
    member('b', 'b', { readSeq: 4, deliveredSeq: 6 }),
    member('left', 'c', { left: true }),
  ]
  const reach = (over: Record<string, unknown> = {}) => {
    const group = room('g', { kind: 'group', members, memberCount: 3, ...over })
    return ([4, 5, 6, 7, 8] as Seq[]).map((seq) => reachOf(group, seq, meId))
  }
  test('is as far as with the last of those who are still here', () => {
    expect(reach()).toEqual([
      { state: 'read', delivered: 2, read: 2, of: 2 },
      { state: 'delivered', delivered: 2, read: 1, of: 2 },
      { state: 'delivered', delivered: 2, read: 0, of: 2 },
      { state: 'sent', delivered: 1, read: 0, of: 2 },
      { state: 'sent', delivered: 0, read: 0, of: 2 },
    ])
  })
  test('is not known of members that are not shown', () => {
    expect(reach({ memberCount: 80 })[0]).toEqual({ state: 'sent', delivered: 2, read: 2, of: 79 })
  })
  test('is what it was when the other one left', () => {
    const gone = member('gone', null, { left: true, readSeq: 4, deliveredSeq: 5 })
    expect(reach({ memberCount: 1, members: [members[0], gone] }).map(({ state }) => state)).toEqual([
      'read',
      'delivered',
      'sent',
      'sent',
      'sent',
    ])
    expect(reach({ memberCount: 1, members: [members[0]] })[0]?.state).toBe('sent')
  })
})
