import type { Rev, RoomId, UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { announce } from '../../src/actions/announce.ts'
import { type RoomPreview, RoomPreviews } from '../../src/actions/room-previews.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { LocalDevices } from '../../src/bus/local-devices.ts'
import { MemoryExchange } from '../../src/bus/memory-bus.ts'
import type { StoredMessage } from '../../src/core/committed.ts'
import type { ReadyOutcome } from '../../src/core/ledger-step.ts'
import { useRooms } from './rooms-world.ts'

const world = useRooms('pglite')

const ANN = 'ann' as UserId
const BOB = 'bob' as UserId
const [a, b] = ['a', 'b'] as [RoomId, RoomId]

const preview = (change: number): RoomPreview => ({
  lastMessage: `at ${change}`,
  lastMessageAt: null,
  lastSeq: change,
  lastSenderId: null,
  change,
  membership: 1,
})

/** A node that remembers the last message of room b alone, and whose database answers when it is let. */
function setUp({ maxChars = 1_000 } = {}) {
  const { promise, resolve: answer, reject } = Promise.withResolvers<void>()
  const fail = () => reject(new Error('the database is away'))
  const previews = new RoomPreviews({
    maxRooms: 10,
    maxChars,
    read: async (roomIds) => {
      await promise
      return new Map(roomIds.map((roomId) => [roomId, preview(9)]))
    },
  })
  previews.put(b, preview(9))
  const bus = new MemoryExchange().join('node')
  const told: string[] = []
  bus.onFrames((frames) => told.push(...frames.map(inWords)))
  const devices = new LocalDevices()
  return { ctx: { ...world().ctx, previews, bus, devices, heldNews: new Map() }, told, answer, fail }
}

function inWords(frame: Frame): string {
  if (frame.kind !== 'user') return frame.kind
  const rows = frame.rooms.map(({ roomId, unreadCount }) => `${roomId}:${unreadCount}`).join(' ')
  return `${frame.userId} ${frame.badge.total}@${frame.badge.rev} ${rows}`.trim()
}

function outcome(userId: UserId, rev: number, total: number, rooms: [RoomId, number][]): ReadyOutcome {
  return {
    userId,
    state: 'ready',
    badge: { total, unreadRooms: 1, notifications: 0, rev: rev as Rev },
    since: 0,
    badgeChanged: true,
    rooms: rooms.map(([roomId, shown]) => {
      return { roomId, kind: 'room', shown, change: 9, muted: false, archived: false, left: false }
    }),
    missing: [],
    nodes: ['node'],
  }
}

test('what a person is told waits behind a row that is looked up, in order; nobody else waits', async () => {
  const { ctx, told, answer } = setUp()
  announce(ctx, [outcome(ANN, 11, 1, [[a, 0]]), outcome(BOB, 5, 3, [[b, 3]])])
  announce(ctx, [outcome(ANN, 12, 2, [[b, 2]])])
  announce(ctx, [outcome(ANN, 13, 2, [])])
  expect(told).toEqual(['bob 3@5 b:3'])
  answer()
  await vi.waitFor(() => expect(told).toHaveLength(4), { timeout: 15_000 })
  expect(told.slice(1)).toEqual(['ann 1@11 a:0', 'ann 2@12 b:2', 'ann 2@13'])

  announce(ctx, [outcome(ANN, 14, 5, [[a, 3]])])
  expect(told.at(-1)).toBe('ann 5@14 a:3')
})

test('it does not wait for long: badges go out without the row, which comes when it is there', async () => {
  const { ctx, told, answer } = setUp()
  announce(ctx, [outcome(ANN, 11, 1, [[a, 0]])])
  await vi.waitFor(() => expect(told).toEqual(['ann 1@11']), { timeout: 15_000 })
  announce(ctx, [outcome(ANN, 12, 2, [[b, 2]])])
  expect(told.at(-1)).toBe('ann 2@12 b:2')
  answer()
  await vi.waitFor(() => expect(told.at(-1)).toBe('ann 1@11 a:0'), { timeout: 15_000 })
})

test('rows that could not be looked up are told by the next touch, though a touch believed them told', async () => {
  const { ctx, fail } = setUp()
  ctx.devices.connect({ userId: ANN, deviceId: 'phone' })
  announce(ctx, [{ ...outcome(ANN, 12, 1, [[a, 0]]), since: 11 }])
  ctx.devices.touched(ANN, 12, 0)
  fail()
  await vi.waitFor(() => expect(ctx.devices.touchedRev(ANN)).toBe(11), { timeout: 10_000 })
})

test('all rows are told, though the node remembers too little for them', async () => {
  const { ctx, told, answer } = setUp({ maxChars: 10 })
  const rooms = Array.from({ length: 5 }, (_, index): [RoomId, number] => [`room-${index}` as RoomId, 1])
  announce(ctx, [outcome(ANN, 12, 5, rooms)])
  answer()
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 15_000 })
  expect(told[0]).toBe('ann 5@12 room-0:1 room-1:1 room-2:1 room-3:1 room-4:1')
})

test('how long a message took is told with the badges it makes, not with its sender’s own row', () => {
  const { ctx } = setUp()
  const timed: string[] = []
  ctx.bus.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.kind !== 'user') continue
      timed.push(...frame.rooms.flatMap(({ timing }) => (timing === undefined ? [] : [frame.userId])))
    }
  })
  ctx.previews.put(b, { ...preview(9), lastSenderId: ANN })
  const message = { roomId: b } as StoredMessage
  const parts = { acceptedAt: '2026-01-01T00:00:00.000Z', edgeMs: 1, commitMs: 1 }
  announce(ctx, [outcome(ANN, 2, 0, [[b, 0]]), outcome(BOB, 2, 1, [[b, 1]])], {
    messages: [message],
    timings: { committedAtMs: performance.now(), of: () => parts },
  })
  expect(timed).toEqual([BOB])
})
