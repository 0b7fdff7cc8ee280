import type { Change, ChatRoomUpdated, MemberLeft, Room, RoomId, UserId } from '@tally/protocol'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { BadgeStore } from '../src/badge-store.ts'
import { RevClock } from '../src/rev-clock.ts'
import { RoomStore } from '../src/room-store.ts'
import { ANN, BEN, message } from './sample-messages.ts'

let clock: RevClock
let rooms: RoomStore
let events: string[]

beforeEach(() => {
  clock = new RevClock()
  clock.begin()
  events = []
  rooms = storeWith(clock)
})

function storeWith(ownClock: RevClock): RoomStore {
  return new RoomStore({
    clock: ownClock,
    live: { typingIn: () => [], isAnybodyOnline: () => false },
    membership: {
      onFound: (roomId) => events.push(`found ${roomId}`),
      onLeft: (roomId) => events.push(`left ${roomId}`),
    },
  })
}

const id = (name: string): RoomId => name as RoomId

const ben = () => rooms.stateOf(id('a')).get()?.members[1]

function room(
  name: string,
  parts: { change?: number; factsVersion?: number; seq?: number; unread?: number; title?: string } = {},
): Room {
  const { change = 1, factsVersion = 1, seq = 0, unread = 0, title } = parts
  const member = {
    name: null,
    image: null,
    userType: null,
    role: 'member',
    readSeq: 0,
    deliveredSeq: 0,
    left: false,
  }
  return {
    id: name,
    kind: 'group',
    metadata: {},
    seq,
    change,
    factsVersion,
    createdAt: '2026-01-01T00:00:00.000000Z',
    updatedAt: '2026-01-01T00:00:00.000000Z',
    lastMessage: seq === 0 ? null : message(seq, change),
    members: [ANN, BEN].map((userId: UserId) => ({ ...member, userId })),
    me: { readSeq: 0, readEpoch: 0, unread, muted: false, archived: false, role: 'member' },
    ...(title === undefined ? {} : { title }),
  } as Room
}

function frame(
  name: string,
  rev: number,
  parts: Partial<Record<keyof ChatRoomUpdated, unknown>> = {},
): ChatRoomUpdated {
  return {
    roomId: name,
    last_message: `text at ${rev}`,
    last_message_at: '2026-01-01T00:00:01.000000Z',
    unread_count: rev,
    rev,
    last_message_seq: rev,
    last_sender_id: ANN,
    change: rev,
    muted: false,
    archived: false,
    left: false,
    ...parts,
  } as ChatRoomUpdated
}

const apply = (told: ChatRoomUpdated): boolean => rooms.applyFrame(told, clock.stamp(told.rev))
const unread = (name: string): number | undefined => rooms.stateOf(id(name)).get()?.me.unread
const known = (): string[] => rooms.list.get().items.map((item) => item.id)

test('somebody of every room gets another name: whoever shows the list is told once', () => {
  rooms.applyRooms(
    ['a', 'b', 'c', 'd'].map((name) => room(name)),
    clock.stampOfRequest(),
  )
  let told = 0
  rooms.list.subscribe(() => told++)
  rooms.applyProfile({ userId: BEN, name: 'Benjamin', image: null, userType: null })
  expect(rooms.list.get().items.map(({ members }) => members[1]?.name)).toEqual(Array(4).fill('Benjamin'))
  expect(told).toBe(1)
  rooms.touchRoomsOf(BEN)
  expect(told).toBe(2)
})

test('a newer frame replaces a row, an older one is ignored', () => {
  rooms.applyRoom(room('a'), clock.stamp(1))
  expect(apply(frame('a', 5))).toBe(true)
  apply(frame('a', 4))
  expect(unread('a')).toBe(5)
  expect(rooms.stateOf(id('a')).get()?.lastMessage).toMatchObject({
    text: 'text at 5',
    seq: 5,
    senderId: ANN,
  })
})

test('frames of a room that is not known are handed back', () => {
  expect(apply(frame('new', 5))).toBe(false)
  expect(known()).toEqual([])
})

test('an answer that was asked for before the connection began does not speak for it', () => {
  const badge = new BadgeStore(clock)
  const { generation } = clock
  clock.begin()
  badge.apply({ total: 900, unreadRooms: 1, notifications: 0, rev: 900 as never }, generation)
  badge.applyWire({ totalUnreadCount: 2, unreadRooms: 1, notifications: 0, rev: 2 as never })
  badge.apply({ total: 901, unreadRooms: 1, notifications: 0, rev: 901 as never }, generation)
  expect(badge.value.get()?.total).toBe(2)
  expect(clock.highest).toBe(2)
})

test('the first value of a new connection replaces, however low its rev', () => {
  rooms.applyRoom(room('a'), clock.stamp(1))
  apply(frame('a', 900))
  const badge = new BadgeStore(clock)
  badge.apply({ total: 900, unreadRooms: 1, notifications: 0, rev: 900 as never })
  clock.begin()
  apply(frame('a', 3))
  badge.applyWire({ totalUnreadCount: 3, unreadRooms: 1, notifications: 0, rev: 3 as never })
  expect(unread('a')).toBe(3)
  expect(badge.value.get()?.total).toBe(3)
  badge.applyWire({ totalUnreadCount: 2, unreadRooms: 1, notifications: 0, rev: 2 as never })
  expect(badge.value.get()?.total).toBe(3)
})

test('an answer without a rev does not undo what came while it was on its way', () => {
  rooms.applyRoom(room('a'), clock.stamp(1))
  const stamp = clock.stampOfRequest()
  apply(frame('a', 7))
  rooms.applyRoom(room('a', { unread: 6, seq: 6, change: 6, title: 'six' }), stamp)
  expect(unread('a')).toBe(7)
  expect(rooms.stateOf(id('a')).get()).toMatchObject({ seq: 7, lastMessage: { text: 'text at 7' } })
})

test('a room that was left goes, and a late frame does not bring it back; joining again does', () => {
  rooms.applyRoom(room('a'), clock.stamp(1))
  apply(frame('a', 5, { left: true }))
  expect(known()).toEqual([])
  expect(apply(frame('a', 4))).toBe(true)
  rooms.applyRoom(room('a'), clock.stamp(3))
  expect(known()).toEqual([])
  expect(apply(frame('a', 9))).toBe(false)
  rooms.applyRoom(room('a'), clock.stamp(9))
  expect(known()).toEqual(['a'])
  expect(events).toEqual(['found a', 'left a', 'found a'])
})

test('a full answer tells which rooms are of before it', () => {
  for (const name of ['a', 'b', 'c', 'd']) rooms.applyRoom(room(name), clock.stamp(9))
  clock.begin()
  apply(frame('d', 1))
  const begun = clock.stamp(2)
  rooms.applyRoom(room('a'), clock.stamp(2))
  apply(frame('c', 3))
  expect(rooms.olderThan(begun)).toEqual(['b', 'd'])
  rooms.forget(id('b'))
  expect(known().sort()).toEqual(['a', 'c', 'd'])
  expect(events.at(-1)).toBe('found d')
})

test('the newest message comes first, then the newest room', () => {
  for (const name of ['a', 'b', 'c']) rooms.applyRoom(room(name), clock.stamp(1))
  expect(known()).toEqual(['c', 'b', 'a'])
  apply(frame('b', 2, { last_message_at: '2026-01-01T00:00:09.000000Z' }))
  apply(frame('a', 3, { last_message_at: '2026-01-01T00:00:05.000000Z' }))
  expect(known()).toEqual(['b', 'a', 'c'])
})

test('of an open room the row follows its messages: an edit of the last one, not of an earlier one', () => {
  rooms.applyRoom(room('room', { seq: 4, change: 4 }), clock.stamp(1))
  rooms.applyMessage(message(5, 5))
  const row = () => rooms.stateOf(id('room')).get()
  expect(row()).toMatchObject({ seq: 5, change: 5, lastMessage: { text: 'text 5' } })
  rooms.applyMessage(message(2, 6, { text: 'an old one, edited' }))
  expect(row()).toMatchObject({ change: 6, lastMessage: { text: 'text 5' } })
  rooms.applyMessage(message(5, 7, { text: 'edited' }))
  expect(row()?.lastMessage?.text).toBe('edited')
})

test('an open room shows nothing unread until a newer row comes', () => {
  rooms.applyRoom(room('a', { unread: 4 }), clock.stamp(3))
  rooms.applyOpen(id('a'))
  expect(unread('a')).toBe(0)
  apply(frame('a', 4))
  expect(unread('a')).toBe(4)
})

test('that a room is open says nothing about its flags', () => {
  rooms.applyRoom(room('a', { unread: 4 }), clock.stamp(3))
  const stamp = clock.stampOfRequest()
  clock.stamp(5)
  rooms.applyOpen(id('a'))
  const muted = room('a', { unread: 4 })
  rooms.applyRoom({ ...muted, me: { ...muted.me, muted: true } }, stamp)
  expect(rooms.stateOf(id('a')).get()?.me).toMatchObject({ unread: 0, muted: true })
})

describe('where one has read', () => {
  const at = (readSeq: number, readEpoch: number) =>
    rooms.applyReading(id('a'), { readSeq: readSeq as never, readEpoch: readEpoch as never })
  const me = () => rooms.stateOf(id('a')).get()?.me

  test('only moves on within an epoch, and back with a newer one', () => {
    rooms.applyRoom(room('a'), clock.stamp(1))
    at(5, 0)
    at(3, 0)
    expect(me()).toMatchObject({ readSeq: 5, readEpoch: 0 })
    at(2, 1)
    at(9, 0)
    expect(me()).toMatchObject({ readSeq: 2, readEpoch: 1 })
  })

  test('others only move on', () => {
    rooms.applyRoom(room('a'), clock.stamp(1))
    const receipt = (readSeq: number) =>
      rooms.applyReceipt({ roomId: id('a'), userId: BEN, readSeq: readSeq as never })
    const delivery = (deliveredSeq: number) =>
      rooms.applyReceipt({ roomId: id('a'), userId: BEN, deliveredSeq: deliveredSeq as never })
    delivery(3)
    delivery(1)
    expect(ben()).toMatchObject({ readSeq: 0, deliveredSeq: 3 })
    receipt(4)
    receipt(2)
    rooms.applyRoom(room('a', { change: 2 }), clock.stamp(2))
    // What was read is there.
    expect(ben()).toMatchObject({ readSeq: 4, deliveredSeq: 4 })
    delivery(9)
    rooms.applyRoom(room('a', { change: 3 }), clock.stamp(3))
    expect(ben()).toMatchObject({ readSeq: 4, deliveredSeq: 9 })
    const shown = rooms.stateOf(id('a')).get()
    delivery(9)
    receipt(4)
    expect(rooms.stateOf(id('a')).get()).toBe(shown)
  })

  test('of people who are not shown say nothing', () => {
    rooms.applyRoom(room('a'), clock.stamp(1))
    const shown = rooms.stateOf(id('a')).get()
    rooms.applyReceipt({ roomId: id('a'), userId: 'someone else' as UserId, deliveredSeq: 1 as never })
    expect(rooms.stateOf(id('a')).get()).toBe(shown)
  })
})

describe('an answer about all of a room', () => {
  const title = (): string | undefined => rooms.stateOf(id('a')).get()?.title
  const hear = () => rooms.applyMessage({ ...message(11, 11), roomId: id('a') })

  beforeEach(() => {
    rooms.applyRoom(room('a', { change: 9, seq: 9, title: 'Old' }), clock.stamp(1))
    hear()
  })

  test('tells title and members also when a message overtook it', () => {
    const told = room('a', { change: 10, seq: 9, title: 'New' })
    const members = told.members.map((member) => ({ ...member, readSeq: 9 as never, name: 'Known' }))
    rooms.applyRoom({ ...told, members }, clock.stamp(1))
    expect(title()).toBe('New')
    expect(ben()).toMatchObject({ name: 'Known', readSeq: 9 })
    expect(rooms.stateOf(id('a')).get()).toMatchObject({ seq: 11, change: 11, lastMessage: { seq: 11 } })
  })

  test('does so also when a frame of the list overtook it', () => {
    apply(frame('a', 12))
    rooms.applyRoom(room('a', { change: 10, title: 'New' }), clock.stamp(2))
    expect(title()).toBe('New')
    expect(unread('a')).toBe(12)
  })

  test('that is older than another one takes back nothing, and still tells how far people are', () => {
    rooms.applyRoom(room('a', { change: 10, title: 'New' }), clock.stamp(1))
    const told = room('a', { change: 9, title: 'Old' })
    const members = told.members.map((member) => ({ ...member, readSeq: 9 as never }))
    rooms.applyRoom({ ...told, members }, clock.stamp(1))
    expect(title()).toBe('New')
    expect(ben()?.readSeq).toBe(9)
  })
})

describe('somebody who left', () => {
  const leaves = (over: Partial<MemberLeft> = {}) =>
    rooms.applyLeft({ roomId: id('a'), userId: BEN, change: 5 as Change, deleted: false, ...over })

  test('is shown as such at once, and once', () => {
    rooms.applyRoom({ ...room('a'), memberCount: 2 }, clock.stamp(1))
    leaves()
    leaves()
    const shown = rooms.stateOf(id('a')).get()
    expect(shown).toMatchObject({ change: 5, memberCount: 1 })
    expect(shown?.members.map(({ left }) => left)).toEqual([false, true])
    // An answer of before that came late does not bring anybody back.
    rooms.applyRoom({ ...room('a', { change: 4 }), memberCount: 2 }, clock.stamp(2))
    expect(rooms.stateOf(id('a')).get()?.members[1]?.left).toBe(true)
    rooms.applyRoom({ ...room('a', { change: 6 }), memberCount: 2 }, clock.stamp(3))
    expect(rooms.stateOf(id('a')).get()?.members[1]?.left).toBe(false)
  })

  test('with the account loses the name, also where nobody knows as of which change', () => {
    const named = room('a', { change: 3 })
    rooms.applyRoom(
      { ...named, members: named.members.map((member) => ({ ...member, name: 'Ben' })) },
      clock.stamp(1),
    )
    rooms.applyLeft({ roomId: id('a'), userId: BEN, deleted: true })
    expect(ben()).toMatchObject({ left: true, name: null, image: null })
    expect(rooms.stateOf(id('a')).get()?.change).toBe(3)
  })
})

describe('rows and badge', () => {
  const badge = (total: number | null, unreadRooms: number) => ({
    total,
    unreadRooms,
    notifications: 0,
    rev: 9 as never,
  })

  test('agree when the rooms add up to the total, muted ones aside', () => {
    rooms.applyRoom(room('a', { unread: 2 }), clock.stamp(1))
    rooms.applyRoom(room('b', { unread: 3 }), clock.stamp(1))
    apply(frame('b', 2, { unread_count: 3, muted: true }))
    expect(rooms.disagreesWith(badge(2, 1))).toBe(false)
    expect(rooms.disagreesWith(badge(5, 2))).toBe(true)
    expect(rooms.disagreesWith(badge(null, 0))).toBe(false)
    expect(rooms.disagreesWith(null)).toBe(false)
  })

  test('may differ by what is not loaded, in one direction', () => {
    rooms.applyRoom(room('a', { unread: 2 }), clock.stamp(1))
    rooms.setPaging({ loading: false, hasMore: true })
    expect(rooms.disagreesWith(badge(7, 3))).toBe(false)
    expect(rooms.disagreesWith(badge(1, 1))).toBe(true)
  })
})

test('what did not change keeps the very same objects', () => {
  rooms.applyRoom(room('a'), clock.stamp(1))
  rooms.applyRoom(room('b'), clock.stamp(1))
  const before = rooms.list.get()
  const a = rooms.stateOf(id('a')).get()
  expect(rooms.list.get()).toBe(before)
  apply(frame('b', 5))
  expect(rooms.list.get()).not.toBe(before)
  expect(rooms.stateOf(id('a')).get()).toBe(a)
})

test('frames late, twice and out of order end in the same row', () => {
  const revs = [2, 3, 4, 5, 6]
  fc.assert(
    fc.property(
      fc.shuffledSubarray(revs, { minLength: 5 }),
      fc.array(fc.constantFrom(...revs)),
      (order, noise) => {
        const ownClock = new RevClock()
        ownClock.begin()
        const store = storeWith(ownClock)
        store.applyRoom(room('a'), ownClock.stamp(1))
        for (const rev of [...noise, ...order, ...noise])
          store.applyFrame(frame('a', rev), ownClock.stamp(rev))
        expect(store.stateOf(id('a')).get()).toMatchObject({
          seq: 6,
          me: { unread: 6 },
          lastMessage: { text: 'text at 6' },
        })
      },
    ),
  )
})
