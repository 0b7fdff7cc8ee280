import type { ConnectionStatus, RoomList, RoomState } from '@tally/client'
import { describe, expect, test } from 'vitest'
import { watchRooms } from './watch-rooms.ts'

/** A value that the test sets. */
function value<T>(first: T) {
  const listeners = new Set<() => void>()
  let now = first
  return {
    get: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (next: T) => {
      now = next
      for (const listener of listeners) listener()
    },
  }
}

type Part = { seq: number; unread: number; readSeq?: number; at?: string; from?: string; muted?: boolean }

function roomOf(id: string, part: Part) {
  const { seq, unread, at = '2026-01-01T00:00:00.000Z', from = 'ann', muted = false } = part
  return {
    id,
    lastMessage: { seq, createdAt: at, senderId: from },
    me: { unread, readSeq: part.readSeq ?? seq - unread, muted },
  } as unknown as RoomState
}

const listOf = (items: readonly RoomState[], hasMore = false): RoomList => ({
  items,
  hasMore,
  loading: false,
})

/** Watches from a moment on at which these rooms were there. */
function watched(items: readonly RoomState[] = [], { hasMore = false, past = items } = {}) {
  const rooms = value(listOf(items, hasMore))
  const connection = value({ state: 'live' } as ConnectionStatus)
  /** The rooms that were told together. */
  const told: string[][] = []
  const stop = watchRooms(
    { rooms, connection, me: { get: () => ({ id: 'bob' }) } } as never,
    (news) => told.push(news.map(({ id }) => id)),
    listOf(past, hasMore),
  )
  return {
    told,
    stop,
    show: (...next: RoomState[]) => rooms.set(listOf(next, hasMore)),
    be: (state: ConnectionStatus['state']) => connection.set({ state } as ConnectionStatus),
  }
}

describe('what a person is alerted of', () => {
  test('the very first message of the very first room, also when its row comes before its count', () => {
    const { show, told } = watched()
    show(roomOf('a', { seq: 1, unread: 0, readSeq: 0 }))
    expect(told).toEqual([])
    show(roomOf('a', { seq: 1, unread: 1 }))
    expect(told).toEqual([['a']])
  })

  test('the next message, and nothing of before', () => {
    const first = roomOf('a', { seq: 5, unread: 5 })
    const { show, told } = watched([first])
    show(first)
    expect(told).toEqual([])
    show(roomOf('a', { seq: 6, unread: 6 }))
    expect(told).toEqual([['a']])
  })

  test('what came after the moment it was wanted from, though it began later, once', () => {
    const now = roomOf('a', { seq: 6, unread: 6 })
    const { show, told } = watched([now], { past: [roomOf('a', { seq: 5, unread: 5 })] })
    expect(told).toEqual([['a']])
    show(now)
    expect(told).toEqual([['a']])
  })

  test('each new message once', () => {
    const { show, told } = watched()
    show(roomOf('a', { seq: 1, unread: 1 }))
    show(roomOf('a', { seq: 1, unread: 1 }))
    show(roomOf('a', { seq: 2, unread: 2 }))
    expect(told).toEqual([['a'], ['a']])
  })

  test('the first message of a new room, though one of another room that was said later came sooner', () => {
    const { show, told } = watched([roomOf('old', { seq: 3, unread: 0 })], { hasMore: true })
    const later = roomOf('b', { seq: 1, unread: 1, at: '2026-01-03T00:00:00.000Z' })
    show(later)
    show(later, roomOf('a', { seq: 1, unread: 1, at: '2026-01-02T00:00:00.000Z' }))
    expect(told).toEqual([['b'], ['a']])
  })

  test('nothing of rooms that are loaded later, from further down the list', () => {
    const first = roomOf('a', { seq: 5, unread: 5, at: '2026-01-02T00:00:00.000Z' })
    const { show, told } = watched([first], { hasMore: true })
    const old = roomOf('old', { seq: 3, unread: 3, at: '2026-01-01T00:00:00.000Z' })
    show(first, old)
    expect(told).toEqual([])
    show(roomOf('old', { seq: 4, unread: 4, at: '2026-01-03T00:00:00.000Z' }), first)
    expect(told).toEqual([['old']])
  })

  test('nothing of one’s own, of a muted room, or that is read already; nor again what one marks unread', () => {
    const { show, told, stop } = watched()
    show(
      roomOf('own', { seq: 1, unread: 1, from: 'bob' }),
      roomOf('muted', { seq: 1, unread: 1, muted: true }),
      roomOf('open', { seq: 1, unread: 0 }),
    )
    show(roomOf('open', { seq: 1, unread: 1 }))
    expect(told).toEqual([])
    stop()
    show(roomOf('a', { seq: 1, unread: 1 }))
    expect(told).toEqual([])
  })
})

describe('what came while the connection was away', () => {
  const before = [roomOf('a', { seq: 1, unread: 0 }), roomOf('b', { seq: 1, unread: 0 })]

  test('is told when it has caught up: each room once, and all of them together', () => {
    const { show, be, told } = watched(before)
    for (const state of ['offline', 'connecting', 'catching-up'] as const) be(state)
    show(roomOf('a', { seq: 2, unread: 1 }), roomOf('b', { seq: 1, unread: 0 }))
    show(roomOf('a', { seq: 9, unread: 8 }), roomOf('b', { seq: 4, unread: 3 }))
    expect(told).toEqual([])
    be('live')
    expect(told).toEqual([['a', 'b']])
    be('polling')
    expect(told).toEqual([['a', 'b']])
  })

  test('and was read elsewhere meanwhile is told to nobody', () => {
    const { show, be, told } = watched(before)
    be('catching-up')
    show(roomOf('a', { seq: 2, unread: 1 }), roomOf('b', { seq: 2, unread: 1 }))
    show(roomOf('a', { seq: 2, unread: 0 }), roomOf('b', { seq: 2, unread: 1 }))
    be('live')
    expect(told).toEqual([['b']])
  })
})
