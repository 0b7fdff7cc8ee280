import type { RoomId, Seq } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { expectNumbers, expectOrder, expectRooms } from './simulation/expectations.ts'
import { World } from './simulation/world.ts'

// Each of these went wrong once, at one moment of many. So every moment is tried.
const MOMENTS_MS = Array.from({ length: 40 }, (_, index) => index * 5)
const ROOM = 'b' as RoomId

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

async function expectTruth(world: World): Promise<void> {
  await world.settle()
  expectOrder(world)
  expectNumbers(world)
  expectRooms(world)
  await world.client.stop()
}

const joined = ({ server }: World): RoomId[] =>
  [...server.connections].flatMap((connection) => [...connection.joined.keys()])

test.each(MOMENTS_MS)('a room opened at once and closed %i ms later is not left open', async (ms) => {
  const world = new World({ seed: ms, isFaulty: false })
  world.toggle(ROOM)
  await world.pass(ms)
  world.toggle(ROOM)
  await world.settle()
  expect(joined(world)).toEqual([])
  world.hear(ROOM)
  await world.pass(1_000)
  expect(world.client.badge.get()?.total).toBe(1)
  await expectTruth(world)
})

test.each(MOMENTS_MS)('a room opened %i ms after it was marked unread is open', async (ms) => {
  const world = new World({ seed: ms, isFaulty: false })
  world.hear(ROOM)
  const marked = world.client.room(ROOM).markUnread(1 as Seq)
  await world.pass(ms)
  world.toggle(ROOM)
  await world.settle()
  await marked
  expect(joined(world)).toEqual([ROOM])
  expect(world.shown(ROOM)).toHaveLength(1)
  world.client.room(ROOM).markRead(1 as Seq)
  await world.pass(1_000)
  expect(world.server.data.rooms.get(ROOM)?.members.get('me' as never)?.readSeq).toBe(1)
  await expectTruth(world)
})

test.each(MOMENTS_MS)(
  'who is taken out of an open room and put back %i ms later sees all of it',
  async (ms) => {
    const world = new World({ seed: ms, isFaulty: false })
    for (let heard = 0; heard < 5; heard++) world.hear(ROOM)
    world.toggle(ROOM)
    await world.pass(ms)
    world.toggleMember(ROOM)
    await world.pass(ms)
    world.toggleMember(ROOM)
    await world.settle()
    expect(world.shown(ROOM)).toHaveLength(5)
    world.hear(ROOM)
    await world.pass(1_000)
    expect(world.shown(ROOM)).toHaveLength(6)
    await expectTruth(world)
  },
)

test('who missed more than is worth fetching sees the end of the room, and can go back from there', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  world.hear(ROOM)
  world.toggle(ROOM)
  await world.pass(1_000)
  world.setNetwork(true)
  for (let heard = 0; heard < 200; heard++) world.hear(ROOM)
  await world.settle()
  const { hasBefore, hasAfter, loading } = world.client.room(ROOM).messages.get()
  expect({ hasBefore, hasAfter, loading }).toEqual({ hasBefore: true, hasAfter: false, loading: false })
  expect(world.shown(ROOM).at(-1)?.seq).toBe(201)
  while (world.client.room(ROOM).messages.get().hasBefore) {
    const loading = world.client.room(ROOM).loadBefore()
    await world.pass(1_000)
    await loading
  }
  expect(world.shown(ROOM)).toHaveLength(201)
  await expectTruth(world)
})

test('a stopped client has no clock running', async () => {
  const world = new World({ seed: 1, isFaulty: true })
  world.toggle(ROOM)
  world.write(ROOM)
  await world.pass(100)
  world.server.isBusy = true
  world.write(ROOM)
  world.client.room(ROOM).setTyping(true)
  await world.pass(500)
  await world.client.stop()
  await world.pass(1_000)
  expect(vi.getTimerCount()).toBe(0)
  expect(world.client.connection.get().state).toBe('closed')
})
