import type { Message, RoomId, UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveSignals } from '../../src/actions/live-signals.ts'
import { PolledScreens } from '../../src/actions/polled-screens.ts'
import { PollingPeople } from '../../src/actions/polling-people.ts'
import { ReadEpochs } from '../../src/actions/read-epochs.ts'
import { RecentMessages } from '../../src/actions/recent-messages.ts'
import { RoomAudience } from '../../src/actions/room-audience.ts'
import type { Frame } from '../../src/bus/frames.ts'
import type { StoredMessage } from '../../src/core/committed.ts'

const [R, S] = ['r', 's'] as RoomId[] as [RoomId, RoomId]
const [ann, ben] = ['ann', 'ben'] as UserId[] as [UserId, UserId]
const message = (change: number, roomId = R) =>
  ({ roomId, change, seq: change, text: `${change}` }) as unknown as StoredMessage & Message
const visit = (event: 'user-joined' | 'user-left', roomId: RoomId): Frame => ({
  kind: 'room-event',
  roomId,
  event,
  payload: {},
})

describe('recent messages', () => {
  const recent = (nowMs = () => 1, maxChars = 10_000) =>
    new RecentMessages({ maxIdleMs: 60_000, maxRooms: 2, maxMessagesPerRoom: 3, maxChars, nowMs })
  const changes = (found: StoredMessage[] | undefined) => found?.map(({ change }) => change)

  test('answer for the change that the ledger names, and for no other', () => {
    const memory = recent()
    memory.hear(message(1))
    expect(memory.between(R, { from: 0, upTo: 1 })).toBeUndefined()
    memory.keep(R, { from: 1, upTo: 2, messages: [message(2)] })
    memory.hear(message(3))
    expect(changes(memory.between(R, { from: 1, upTo: 3 }))).toEqual([2, 3])
    expect(changes(memory.between(R, { from: 2, upTo: 3 }))).toEqual([3])
    // Somebody who has less, a ledger that is behind, and one that is ahead.
    expect(memory.between(R, { from: 0, upTo: 3 })).toBeUndefined()
    expect(memory.between(R, { from: 1, upTo: 2 })).toBeUndefined()
    expect(memory.between(R, { from: 1, upTo: 4 })).toBeUndefined()
  })

  test('are worthless once something else changed in the room', () => {
    const memory = recent()
    memory.keep(R, { from: 1, upTo: 2, messages: [message(2)] })
    memory.hear(message(4))
    expect(memory.between(R, { from: 1, upTo: 4 })).toBeUndefined()
  })

  test('are few, and of rooms that somebody asks for', () => {
    let nowMs = 1
    const memory = recent(() => nowMs)
    memory.keep(R, { from: 0, upTo: 1, messages: [message(1)] })
    for (const change of [2, 3, 4, 5]) memory.hear(message(change))
    expect(memory.between(R, { from: 1, upTo: 5 })).toBeUndefined()
    expect(changes(memory.between(R, { from: 2, upTo: 5 }))).toEqual([3, 4, 5])
    nowMs = 60_002
    expect(memory.between(R, { from: 2, upTo: 5 })).toBeUndefined()
    for (const roomId of ['1', '2', '3'] as RoomId[]) memory.keep(roomId, { from: 0, upTo: 0, messages: [] })
    expect(memory.between('1' as RoomId, { from: 0, upTo: 0 })).toBeUndefined()
    expect(memory.between('3' as RoomId, { from: 0, upTo: 0 })).toEqual([])
  })

  test('are forgotten once nobody asks, however much is heard of the room', () => {
    let nowMs = 1
    const memory = recent(() => nowMs)
    memory.keep(R, { from: 0, upTo: 1, messages: [message(1)] })
    nowMs = 40_000
    memory.hear(message(2))
    nowMs = 60_002
    memory.hear(message(3))
    expect(memory.between(R, { from: 1, upTo: 3 })).toBeUndefined()
  })

  test('stay for as long as somebody asks', () => {
    let nowMs = 1
    const memory = recent(() => nowMs)
    memory.keep(R, { from: 0, upTo: 1, messages: [message(1)] })
    for (nowMs of [40_000, 80_000, 120_000]) {
      expect(changes(memory.between(R, { from: 0, upTo: 1 }))).toEqual([1])
    }
  })

  test('of the rooms that somebody asked for last, where they are long', () => {
    const long = (change: number, roomId: RoomId) => ({ ...message(change, roomId), text: 'x'.repeat(300) })
    const memory = recent(() => 1, 1_000)
    memory.keep(R, { from: 0, upTo: 1, messages: [long(1, R)] })
    memory.keep(S, { from: 0, upTo: 1, messages: [long(1, S)] })
    expect(changes(memory.between(R, { from: 0, upTo: 1 }))).toEqual([1])
    memory.keep('t' as RoomId, { from: 0, upTo: 1, messages: [long(1, 't' as RoomId)] })
    expect(memory.between(S, { from: 0, upTo: 1 })).toBeUndefined()
    memory.hear(long(2, R))
    expect(changes(memory.between(R, { from: 0, upTo: 2 }))).toEqual([1, 2])
    expect(memory.between('t' as RoomId, { from: 0, upTo: 1 })).toBeUndefined()
  })
})

test('who has a room open is asked once in half a minute, and anew when somebody comes or goes', async () => {
  let nowMs = 0
  const read = vi.fn(async (): Promise<UserId[] | undefined> => [ann])
  const audience = new RoomAudience({ read, maxAgeMs: 30_000, maxRooms: 10, nowMs: () => nowMs })
  expect(await Promise.all([audience.of(R), audience.of(R)])).toEqual([[ann], [ann]])
  expect(read).toHaveBeenCalledTimes(1)
  audience.hear(visit('user-joined', S))
  await audience.of(R)
  expect(read).toHaveBeenCalledTimes(1)
  audience.hear(visit('user-left', R))
  await audience.of(R)
  expect(read).toHaveBeenCalledTimes(2)
  nowMs = 30_000
  await audience.of(R)
  expect(read).toHaveBeenCalledTimes(3)
  read.mockResolvedValue(undefined)
  audience.hear(visit('user-left', R))
  expect(await audience.of(R)).toEqual([])
  await audience.of(R)
  expect(read).toHaveBeenCalledTimes(5)
})

test('a read epoch is looked up once, until it may be another one', async () => {
  const read = vi.fn(async (): Promise<number | undefined> => 4)
  let nowMs = 0
  const epochs = new ReadEpochs({ read, max: 2, nowMs: () => nowMs })
  const reader = { userId: ann, roomId: R }
  expect(await epochs.of(reader)).toBe(4)
  const held = epochs.of(reader)
  expect(read).toHaveBeenCalledTimes(1)
  epochs.hear({ kind: 'open-ended', userId: ben, roomId: R })
  expect(epochs.of(reader)).toBe(held)
  epochs.hear({ kind: 'open-ended', ...reader })
  expect(epochs.of(reader)).not.toBe(held)
  expect(read).toHaveBeenCalledTimes(2)
  read.mockResolvedValue(undefined)
  epochs.hear({ kind: 'membership-ended', ...reader })
  expect([await epochs.of(reader), await epochs.of(reader)]).toEqual([undefined, undefined])
  expect(read).toHaveBeenCalledTimes(3)
  read.mockResolvedValue(7)
  nowMs = 5_000
  expect(await epochs.of(reader)).toBe(7)
})

test('screens say what came and went', () => {
  const screens = new PolledScreens({ maxDevices: 2 })
  expect(screens.show('d', [R])).toEqual({ opened: [R], closed: [] })
  expect(screens.show('d', [R, S])).toEqual({ opened: [S], closed: [] })
  expect(screens.show('d', [S])).toEqual({ opened: [], closed: [R] })
  expect(screens.show('d', [])).toEqual({ opened: [], closed: [S] })
})

describe('people who poll', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const people = () => {
    const spies = {
      connect: vi.fn(async (_userId: UserId) => {}),
      disconnect: vi.fn(async (_userId: UserId) => {}),
      wake: vi.fn(),
    }
    return { ...spies, people: new PollingPeople({ ...spies, lingerMs: 30_000 }) }
  }

  test('are here from their first poll on, until they have not asked for half a minute', async () => {
    const { people: polling, connect, disconnect } = people()
    await polling.seen(ann)
    vi.advanceTimersByTime(29_000)
    await polling.seen(ann)
    vi.advanceTimersByTime(29_000)
    expect([connect.mock.calls.length, disconnect.mock.calls.length]).toEqual([1, 0])
    vi.advanceTimersByTime(1_000)
    expect(disconnect).toHaveBeenCalledWith(ann)
    await polling.seen(ann)
    expect(connect).toHaveBeenCalledTimes(2)
    await polling.close()
  })

  test('are tried again with the next poll when they could not be made known', async () => {
    const { people: polling, connect } = people()
    connect.mockRejectedValueOnce(new Error('the ledger is away'))
    await expect(polling.seen(ann)).rejects.toThrow('away')
    await polling.seen(ann)
    expect(connect).toHaveBeenCalledTimes(2)
    await polling.close()
  })

  test('are told of others who come and go, and woken where they wait', async () => {
    const { people: polling, wake } = people()
    const tell = (userId: UserId, online: boolean): Frame => ({
      kind: 'user-event',
      userId: ann,
      event: 'presence',
      payload: { userId, online, lastSeenAt: null },
    })
    polling.hear(tell(ben, true))
    expect(polling.presenceFor(ann)).toEqual([])
    await polling.seen(ann)
    polling.hear(tell(ben, true))
    polling.hear(tell(ben, false))
    expect(polling.presenceFor(ann)).toEqual([{ userId: ben, online: false, lastSeenAt: null }])
    expect(wake).toHaveBeenCalledTimes(2)
    const [stop, stopToo] = [polling.waitIn([R], ann), polling.waitIn([R], ann)]
    polling.wakeIn(S)
    polling.wakeIn(R)
    stop()
    polling.wakeIn(R)
    stopToo()
    polling.wakeIn(R)
    expect(wake).toHaveBeenCalledTimes(4)
    await polling.close()
  })
})

test('live signs of rooms: who else types, and the furthest that people read, a few of them', () => {
  let nowMs = 0
  const onChange = vi.fn()
  const limits = { typingTtlMs: 12_000, maxRooms: 2, maxPeoplePerRoom: 2 }
  const signals = new LiveSignals({ ...limits, nowMs: () => nowMs, onChange })
  const types = (userId: UserId, typing: boolean): Frame => ({
    kind: 'typing',
    nodeId: 'n',
    roomId: R,
    userId,
    typing,
  })
  const reads = (userId: string, readSeq: number, roomId = R): Frame => ({
    kind: 'room-event',
    roomId,
    event: 'read-receipt',
    payload: { roomId, userId, readSeq },
  })
  signals.hear(types(ann, true))
  signals.hear(types(ann, true))
  expect(onChange).toHaveBeenCalledTimes(1)
  expect(signals.of([R], ben).typing).toEqual({ [R]: [ann] })
  expect(signals.of([R], ann).typing).toEqual({})
  expect(signals.of([S], ben)).toEqual({ typing: {}, reads: [], deliveries: [] })
  nowMs = 12_000
  expect(signals.of([R], ben).typing).toEqual({})
  signals.expire()
  expect(onChange).toHaveBeenCalledTimes(2)

  for (const frame of [reads('ann', 3), reads('ann', 2), reads('ben', 1), reads('cho', 4)])
    signals.hear(frame)
  expect(signals.of([R], ann).reads).toEqual([
    { roomId: R, userId: 'ben', readSeq: 1 },
    { roomId: R, userId: 'cho', readSeq: 4 },
  ])
  for (const roomId of ['x', 'y'] as RoomId[]) signals.hear(reads('ann', 1, roomId))
  expect(signals.of([R], ann).reads).toEqual([])

  const has = (userId: string, deliveredSeq: number): Frame => ({
    kind: 'room-event',
    roomId: R,
    event: 'delivery-receipt',
    payload: { roomId: R, userId, deliveredSeq },
  })
  onChange.mockClear()
  for (const frame of [has('ann', 7), has('ann', 6), has('ben', 5)]) signals.hear(frame)
  expect(onChange).toHaveBeenCalledTimes(2)
  expect(signals.of([R], ann).deliveries).toEqual([{ roomId: R, userId: 'ben', deliveredSeq: 5 }])
  expect([signals.deliveredSeq(R, ann), signals.deliveredSeq(S, ann)]).toEqual([7, 0])
})
