import type { Room, RoomId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { RevClock } from '../src/rev-clock.ts'
import { RoomStore } from '../src/room-store.ts'

const roomOf = (name: string): Room =>
  ({
    id: name,
    kind: 'group',
    metadata: {},
    seq: 0,
    change: 1,
    createdAt: '2026-01-01T00:00:00.000000Z',
    updatedAt: '2026-01-01T00:00:00.000000Z',
    lastMessage: null,
    members: [],
    me: { readSeq: 0, readEpoch: 0, unread: 0, muted: false, archived: false, role: 'member' },
  }) as unknown as Room

test('a page of rooms is told of once, when all of it is there', () => {
  const clock = new RevClock()
  clock.begin()
  const rooms = new RoomStore({
    clock,
    live: { typingIn: () => [], isAnybodyOnline: () => false },
    membership: { onFound: () => {}, onLeft: () => {} },
  })
  const told: number[] = []
  rooms.list.subscribe(() => told.push(rooms.list.get().items.length))
  rooms.applyRooms(['a', 'b', 'c'].map(roomOf), clock.stampOfRequest())
  expect(told).toEqual([3])
  expect(rooms.stateOf('b' as RoomId).get()?.id).toBe('b')
  // One by one as before.
  rooms.applyRoom(roomOf('d'), clock.stampOfRequest())
  expect(told).toEqual([3, 4])
})
