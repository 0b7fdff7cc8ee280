import type { MarkDeliveredPayload, Message, Room, RoomId, UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Connection } from '../src/connection.ts'
import { DeliveredRooms } from '../src/delivered-rooms.ts'
import { RevClock } from '../src/rev-clock.ts'
import { RoomStore } from '../src/room-store.ts'
import type { Stores } from '../src/stores.ts'
import { ANN, BEN, message } from './sample-messages.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

type Told = MarkDeliveredPayload['rooms']

type RowParts = { seq?: number; from?: UserId; readSeq?: number; unread?: number; deliveredSeq?: number }

/** A device of Ben's, its rows, and what it told. */
function device() {
  const clock = new RevClock()
  clock.begin()
  const rooms = new RoomStore({
    clock,
    live: { typingIn: () => [], isAnybodyOnline: () => false },
    membership: { onFound: () => {}, onLeft: () => {} },
  })
  const told: { atMs: number; rooms: Told }[] = []
  const link = { isLive: true, refuses: false, startedAtMs: Date.now() }
  const nowMs = () => Date.now() - link.startedAtMs
  const send = async (_event: string, payload: MarkDeliveredPayload): Promise<object> => {
    told.push({ atMs: nowMs(), rooms: payload.rooms })
    if (link.refuses) throw new Error('refused')
    return {}
  }
  const connection = {
    get isLive() {
      return link.isLive
    },
    provider: () => ({ send }),
  } as unknown as Connection
  const delivered = new DeliveredRooms({
    connection,
    stores: { rooms, myId: BEN } as unknown as Stores,
    nowMs,
  })
  rooms.list.subscribe(() => delivered.note())
  let rev = 0
  const row = (
    name: string,
    { seq = 1, from = ANN, readSeq = 0, unread = 1, deliveredSeq = 0 }: RowParts = {},
  ) => {
    const last: Message = { ...message(seq, seq), senderId: from }
    const member = { name: null, image: null, userType: null, role: 'member', readSeq: 0, left: false }
    rooms.applyRoom(
      {
        id: name as RoomId,
        kind: 'direct',
        metadata: {},
        seq,
        change: seq,
        createdAt: '2026-01-01T00:00:00.000000Z',
        updatedAt: '2026-01-01T00:00:00.000000Z',
        lastMessage: last,
        members: [ANN, BEN].map((userId) => ({
          ...member,
          userId,
          deliveredSeq: userId === BEN ? deliveredSeq : 0,
        })),
        memberCount: 2,
        me: { readSeq, readEpoch: 0, unread, muted: false, archived: false, role: 'member' },
      } as unknown as Room,
      clock.stamp(++rev),
    )
  }
  return { delivered, rooms, told, link, row }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const at = (roomId: string, upToSeq: number) => ({ roomId, upToSeq })

describe('a device tells what it has', () => {
  test('a moment after it came, all rooms together, and once', async () => {
    const { told, row } = device()
    row('a', { seq: 3 })
    row('b', { seq: 5 })
    await pass(299)
    expect(told).toEqual([])
    await pass(60_000)
    expect(told).toEqual([{ atMs: 300, rooms: [at('b', 5), at('a', 3)] }])
  })

  test('less than once a second, however much comes', async () => {
    const { told, row } = device()
    for (let seq = 1; seq <= 1_000; seq += 1) {
      row('a', { seq })
      await pass(10)
    }
    await pass(2_000)
    expect(told.length).toBeLessThanOrEqual(11)
    expect(told.length).toBeGreaterThan(5)
    expect(told.at(-1)?.rooms).toEqual([at('a', 1_000)])
  })

  test('not what was read meanwhile, what the row says already, or what it wrote itself', async () => {
    const { told, row, rooms } = device()
    row('read')
    rooms.applyReading('read' as RoomId, { readSeq: 1 as never, readEpoch: 0 as never })
    row('known', { seq: 4, deliveredSeq: 4 })
    row('own', { from: BEN, unread: 0 })
    await pass(60_000)
    expect(told).toEqual([])
    // Somebody's message stands before the own one, unread.
    row('own', { seq: 2, from: BEN, unread: 1 })
    await pass(2_000)
    expect(told.map((word) => word.rooms)).toEqual([[at('own', 2)]])
  })

  test('a hundred rooms at a time', async () => {
    const { told, row } = device()
    for (let i = 0; i < 150; i += 1) row(`room ${i}`)
    await pass(5_000)
    expect(told.map((word) => word.rooms.length)).toEqual([100, 50])
    expect(new Set(told.flatMap((word) => word.rooms).map(({ roomId }) => roomId)).size).toBe(150)
  })

  test('over each connection anew: a server that fell may not have kept it', async () => {
    const { delivered, told, row, link } = device()
    row('a')
    await pass(2_000)
    link.isLive = false
    delivered.connectionLost()
    row('b')
    await pass(60_000)
    expect(told).toHaveLength(1)
    link.isLive = true
    delivered.note()
    await pass(2_000)
    expect(told.map((word) => word.rooms)).toEqual([[at('a', 1)], [at('b', 1), at('a', 1)]])
  })

  test('with what comes next when it was refused, and not before', async () => {
    const { told, row, link } = device()
    link.refuses = true
    row('a')
    await pass(60_000)
    expect(told).toHaveLength(1)
    link.refuses = false
    row('b')
    await pass(2_000)
    expect(
      told
        .at(-1)
        ?.rooms.map(({ roomId }) => roomId)
        .sort(),
    ).toEqual(['a', 'b'])
  })
})
