import type { ClientId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StoredMessage } from '../../src/core/committed.ts'
import { RoomStreams } from '../../src/edges/socket/room-streams.ts'
import {
  ANN,
  BOB,
  begin,
  deletedAt,
  device,
  editedAt,
  inShort,
  message,
  ROOM,
  streamsWith,
} from './streams-world.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a room on one node', () => {
  test('passes each message on once and in order, however they arrive', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(3))
    for (const seq of [5, 4, 4, 2, 3, 7, 6, 5]) streams.message(message(seq))
    expect(ann.seqs()).toEqual([4, 5, 6, 7])
  })

  test('holds everything back while a device joins; the head that its read finds decides what is history', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    const subscription = streams.subscribe(ROOM, ann.listener)
    streams.message(message(8))
    streams.message(message(9))
    streams.message(message(10))
    expect(ann.heard).toEqual([])

    streams.start(ROOM, subscription, begin(9))
    expect(ann.seqs()).toEqual([10])
  })

  test('a second device whose join read an older head than the first gets what lies between', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    const slow = streams.subscribe(ROOM, bob.listener)
    const quick = streams.subscribe(ROOM, ann.listener)
    streams.message(message(1))
    streams.message(message(2))
    streams.start(ROOM, quick, begin(2))
    streams.message(message(3))
    streams.start(ROOM, slow, begin(0))
    streams.message(message(4))
    expect(ann.seqs()).toEqual([3, 4])
    expect(bob.seqs()).toEqual([1, 2, 3, 4])
  })

  test('a device whose join read a newer head than was passed on so far gets nothing twice', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), begin(2))
    for (const seq of [1, 2, 3]) streams.message(message(seq))
    expect(ann.seqs()).toEqual([1, 2, 3])
    expect(bob.seqs()).toEqual([3])
  })

  test('a gap waits 100 ms; then what is missing is read from the database, once for all devices', async () => {
    const { streams, reads } = streamsWith(() => [message(2), message(3), message(4)])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(1))
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), begin(1))
    streams.message(message(4))
    await vi.advanceTimersByTimeAsync(99)
    expect(reads).toEqual([])
    expect(ann.seqs()).toEqual([])

    await vi.advanceTimersByTimeAsync(2)
    expect(reads).toMatchObject([{ roomId: ROOM, afterSeq: 1 }])
    expect(ann.seqs()).toEqual([2, 3, 4])
    expect(bob.seqs()).toEqual([2, 3, 4])
    streams.message(message(5))
    expect(ann.seqs()).toEqual([2, 3, 4, 5])
  })

  test('a gap that closes in time costs no read', async () => {
    const { streams, reads } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.message(message(2))
    await vi.advanceTimersByTimeAsync(60)
    streams.message(message(1))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ann.seqs()).toEqual([1, 2])
    expect(reads).toEqual([])
  })

  test('a database that is away is asked again, and order is kept meanwhile', async () => {
    let isAway = true
    const { streams, errors } = streamsWith(() => (isAway ? new Error('away') : [message(1), message(2)]))
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.message(message(2))
    await vi.advanceTimersByTimeAsync(200)
    expect(errors).toHaveLength(1)
    streams.message(message(3))
    expect(ann.seqs()).toEqual([])

    isAway = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ann.seqs()).toEqual([1, 2, 3])
  })

  test('a missed message that was deleted meanwhile keeps its place and is not put on a screen', async () => {
    const { streams } = streamsWith(() => [message(1), message(2, { deletedAt, text: '' })])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.message(message(3))
    await vi.advanceTimersByTimeAsync(101)
    expect(ann.seqs()).toEqual([1, 3])
  })

  test('an edit does not overtake the text it replaces', async () => {
    const { streams } = streamsWith(() => [message(1)])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.message(message(2))
    const payload = { room_id: ROOM, seq: 2, change: 3, message: 'new' }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'message-updated', payload })
    expect(ann.heard).toEqual([])
    await vi.advanceTimersByTimeAsync(101)
    expect(ann.heard.map(([event, { seq }]) => [event, seq])).toEqual([
      ['new-message', 1],
      ['new-message', 2],
      ['message-updated', 2],
    ])
  })

  test('shows a clientId to the devices of its sender and to nobody else', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    for (const { listener } of [ann, bob]) streams.start(ROOM, streams.subscribe(ROOM, listener), begin(0))
    streams.message(message(1, { clientId: 'c1' as ClientId }))
    expect(ann.heard[0]?.[1]).toMatchObject({ client_id: 'c1' })
    expect(bob.heard[0]?.[1]).not.toHaveProperty('client_id')
  })

  test('events pass by whom they except, and wait for a join like messages do', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    const joining = streams.subscribe(ROOM, bob.listener)
    const payload = { roomId: ROOM, userId: ANN, typing: true }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'typing', payload, exceptUserId: ANN })
    expect(bob.heard).toEqual([])
    streams.start(ROOM, joining, begin(0))
    expect(ann.heard).toEqual([])
    expect(bob.heard).toEqual([['typing', payload]])
  })

  test('a device that left or was put out hears nothing, not even what its join had held back', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    const left = streams.subscribe(ROOM, ann.listener)
    streams.start(ROOM, left, begin(0))
    left.end('left')
    const removed = streams.subscribe(ROOM, bob.listener)
    streams.message(message(1))
    removed.end('removed')
    streams.start(ROOM, removed, begin(0))
    streams.message(message(2))
    expect([ann.heard, bob.heard]).toEqual([[], []])
    expect(removed.state).toBe('removed')
  })
})

describe('a room of which the ledger knows more than came by', () => {
  test('looks up what it missed: messages, edits and deletions, each told once', async () => {
    const stored = [
      message(1, { change: 6, deletedAt, text: '' }),
      message(2, { change: 7, editedAt, text: 'better' }),
      message(3),
      message(4),
      message(5),
    ]
    const { streams, lookUps } = streamsWith(() => stored)
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(2))
    streams.message(message(3))
    streams.head({ roomId: ROOM, change: 7 })
    await vi.advanceTimersByTimeAsync(101)
    expect(inShort(ann.heard)).toEqual([
      ['new-message', 3, 'text 3'],
      ['message-deleted', 1],
      ['message-updated', 2, 'better'],
      // As it was sent, and without reactions: a screen may have it with some that were taken off since.
      ['new-message', 4, 'text 4'],
      ['message-updated', 4],
      ['new-message', 5, 'text 5'],
      ['message-updated', 5],
    ])
    streams.head({ roomId: ROOM, change: 7 })
    streams.message(message(4))
    streams.message(message(6, { change: 8 }))
    streams.head({ roomId: ROOM, change: 8 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ann.seqs()).toEqual([3, 4, 5, 6])
    expect(lookUps).toEqual([expect.objectContaining({ roomId: ROOM, change: 3 })])
  })

  test('tells whoever shows it to ask for it again when what it missed was no message', async () => {
    let now: { change: number; messages: StoredMessage[] } = { change: 0, messages: [] }
    const streams = new RoomStreams({
      readMissed: async () => [],
      readChanged: async () => now,
      nowMs: () => performance.now(),
      onError: () => {},
    })
    const bob = device(BOB)
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), { ...begin(2), change: 5 })
    const heal = async (change: number, messages: StoredMessage[]) => {
      now = { change, messages }
      bob.heard.length = 0
      streams.head({ roomId: ROOM, change })
      await vi.advanceTimersByTimeAsync(100)
      return bob.heard.map(([event]) => event)
    }
    expect(await heal(6, [])).toEqual(['room-changed'])
    expect(bob.heard).toEqual([['room-changed', { roomId: ROOM, change: 6 }]])
    expect(await heal(8, [message(3, { change: 8 })])).toEqual([
      'new-message',
      'message-updated',
      'room-changed',
    ])
    expect(await heal(9, [message(4, { change: 9 })])).toEqual(['new-message', 'message-updated'])
    expect(await heal(9, [])).toEqual([])
  })

  test('waits for what is still on its way, and looks up nothing when it comes', async () => {
    const { streams, lookUps } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.head({ roomId: ROOM, change: 2 })
    streams.message(message(1))
    const payload = { room_id: ROOM, seq: 1, change: 2, message: 'new' }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'message-updated', payload })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(lookUps).toEqual([])
    expect(ann.heard).toHaveLength(2)
  })

  test('looks up page after page, and again with the next touch when the database is away', async () => {
    const all = Array.from({ length: 250 }, (_, index) => message(index + 1))
    let isAway = true
    const { streams, errors } = streamsWith(() => (isAway ? new Error('away') : all))
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.head({ roomId: ROOM, change: 250 })
    await vi.advanceTimersByTimeAsync(101)
    expect(errors).toHaveLength(1)
    isAway = false
    streams.head({ roomId: ROOM, change: 250 })
    await vi.advanceTimersByTimeAsync(101)
    expect(ann.seqs()).toEqual(all.map(({ seq }) => seq))
  })
})

describe('what leaving or writing confirms', () => {
  test('is what was emitted at least a round trip earlier, once', async () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    const subscription = streams.subscribe(ROOM, ann.listener)
    streams.start(ROOM, subscription, { head: 0, change: 0, readEpoch: 7, confirms: true })
    streams.message(message(1))
    await vi.advanceTimersByTimeAsync(60)
    streams.message(message(2))
    await vi.advanceTimersByTimeAsync(10)
    expect(subscription.confirm(performance.now())).toEqual({ upToSeq: 1, readEpoch: 7 })
    expect(subscription.confirm(performance.now())).toBeUndefined()
    await vi.advanceTimersByTimeAsync(40)
    expect(subscription.confirm(performance.now())).toEqual({ upToSeq: 2, readEpoch: 7 })
  })

  test('is what a device has that joined at the mark-unread, though word of that comes late', async () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    const subscription = streams.subscribe(ROOM, ann.listener)
    streams.start(ROOM, subscription, { head: 0, change: 0, readEpoch: 7, confirms: true })
    streams.message(message(1))
    subscription.stopConfirming(7)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(subscription.confirm(performance.now())).toEqual({ upToSeq: 1, readEpoch: 7 })
  })

  test('is nothing for a client that confirms by itself, on a hidden device, or after a mark-unread', async () => {
    const { streams } = streamsWith(() => [])
    const [sdk, hidden, marked] = [device(ANN), device(BOB, { visible: false }), device(BOB)]
    const subscriptions = [sdk, hidden, marked].map(({ listener }) => streams.subscribe(ROOM, listener))
    streams.start(ROOM, subscriptions[0]!, begin(0, false))
    streams.start(ROOM, subscriptions[1]!, begin(0))
    streams.start(ROOM, subscriptions[2]!, begin(0))
    streams.message(message(1))
    subscriptions[2]!.stopConfirming(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(subscriptions.map((subscription) => subscription.confirm(performance.now()))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(sdk.seqs()).toEqual([1])
  })
})
