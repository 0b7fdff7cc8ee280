import type { ConnectionStatus, Readable, RoomList, RoomState } from '@tally/client'
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

function watched() {
  const rooms = value({ items: [] as readonly RoomState[] } as RoomList)
  const connection = value({ state: 'catchingUp' } as unknown as ConnectionStatus)
  const told: string[] = []
  const me = { get: () => ({ id: 'bob' }), subscribe: () => () => {} } as unknown as Readable<never>
  const stop = watchRooms({ rooms, connection, me } as never, ({ id }) => told.push(id))
  const show = (...items: RoomState[]) => rooms.set({ items } as unknown as RoomList)
  const goLive = () => connection.set({ state: 'live' } as unknown as ConnectionStatus)
  return { show, goLive, told, stop }
}

describe('what a person is alerted of', () => {
  test('the very first message of the very first room, also when its row comes before its count', () => {
    const { show, goLive, told } = watched()
    goLive()
    show(roomOf('a', { seq: 1, unread: 0, readSeq: 0 }))
    expect(told).toEqual([])
    show(roomOf('a', { seq: 1, unread: 1 }))
    expect(told).toEqual(['a'])
  })

  test('the next message, when it is watched from a connection on that stands, and nothing of before', () => {
    const first = roomOf('a', { seq: 5, unread: 5 })
    const rooms = value({ items: [first] } as unknown as RoomList)
    const connection = value({ state: 'live' } as unknown as ConnectionStatus)
    const told: string[] = []
    watchRooms({ rooms, connection, me: { get: () => ({ id: 'bob' }) } } as never, ({ id }) => told.push(id))
    rooms.set({ items: [first] } as unknown as RoomList)
    expect(told).toEqual([])
    rooms.set({
      items: [roomOf('a', { seq: 6, unread: 6, at: '2026-01-02T00:00:00.000Z' })],
    } as unknown as RoomList)
    expect(told).toEqual(['a'])
  })

  test('what came after the moment it was wanted from, though it began later, once', () => {
    const before = roomOf('a', { seq: 5, unread: 5 })
    const rooms = value({
      items: [roomOf('a', { seq: 6, unread: 6, at: '2026-01-02T00:00:00.000Z' })],
    } as unknown as RoomList)
    const connection = value({ state: 'live' } as unknown as ConnectionStatus)
    const told: string[] = []
    const me = { get: () => ({ id: 'bob' }) }
    watchRooms({ rooms, connection, me } as never, ({ id }) => told.push(id), [before])
    expect(told).toEqual(['a'])
    rooms.set(rooms.get())
    expect(told).toEqual(['a'])
  })

  test('each new message once', () => {
    const { show, goLive, told } = watched()
    goLive()
    show(roomOf('a', { seq: 1, unread: 1 }))
    show(roomOf('a', { seq: 1, unread: 1 }))
    show(roomOf('a', { seq: 2, unread: 2 }))
    expect(told).toEqual(['a', 'a'])
  })

  test('nothing that was there before, or is loaded later from further down the list', () => {
    const { show, goLive, told } = watched()
    const first = roomOf('a', { seq: 5, unread: 5, at: '2026-01-02T00:00:00.000Z' })
    show(first)
    goLive()
    show(first, roomOf('old', { seq: 3, unread: 3, at: '2026-01-01T00:00:00.000Z' }))
    expect(told).toEqual([])
    show(roomOf('new', { seq: 1, unread: 1, at: '2026-01-03T00:00:00.000Z' }), first)
    expect(told).toEqual(['new'])
  })

  test('nothing of one’s own, of a muted room, or that is read already; nor again what one marks unread', () => {
    const { show, goLive, told, stop } = watched()
    goLive()
    show(
      roomOf('own', { seq: 1, unread: 1, from: 'bob' }),
      roomOf('muted', { seq: 1, unread: 1, muted: true }),
      roomOf('open', { seq: 1, unread: 0 }),
    )
    show(roomOf('open', { seq: 1, unread: 1 }))
    expect(told).toEqual([])
    stop()
    show(roomOf('a', { seq: 1, unread: 1, at: '2026-01-03T00:00:00.000Z' }))
    expect(told).toEqual([])
  })
})
