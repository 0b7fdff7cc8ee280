import type { RoomId, Seq } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MessageList } from '../src/message-state.ts'
import { World } from './simulation/world.ts'

/** From the opening of a room until everything of it is there. */
const MOMENTS_MS = Array.from({ length: 40 }, (_, index) => index * 5)
const ROOM = 'b' as RoomId
/** More than a room opens with: it opens where they begin. */
const UNREAD = 150
/** More than is fetched piece by piece when a connection comes back. */
const TOO_MUCH = 1_200

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

async function unread(seed: number): Promise<World> {
  const world = new World({ seed, isFaulty: false })
  for (let n = 0; n < UNREAD; n++) world.hear(ROOM)
  await world.pass(1_000)
  return world
}

/** Somebody reads where the unread ones begin. */
async function reading(seed: number): Promise<World> {
  const world = await unread(seed)
  world.toggle(ROOM)
  await world.pass(1_000)
  return world
}

const listOf = ({ client }: World): MessageList => client.room(ROOM).messages.get()

function expectOwnAtTheEnd(world: World): void {
  const { items, hasAfter, loading } = listOf(world)
  expect({ hasAfter, loading }).toEqual({ hasAfter: false, loading: false })
  expect(items.at(-1)).toMatchObject({ state: 'sent', text: world.written.get(ROOM)?.at(-1) })
}

function expectTheBeginning(world: World): void {
  expect(listOf(world)).toMatchObject({ hasAfter: true, loading: false, firstUnreadSeq: 1 })
}

test.each(MOMENTS_MS)('what is written %i ms after a room was opened is shown, at its end', async (ms) => {
  const world = await unread(ms)
  world.toggle(ROOM)
  await world.pass(ms)
  world.write(ROOM)
  await world.pass(5_000)
  expectOwnAtTheEnd(world)
})

test.each(MOMENTS_MS)(
  'what is written as a room opens is shown, though the network goes %i ms later and comes back',
  async (ms) => {
    const world = await unread(ms)
    world.toggle(ROOM)
    world.write(ROOM)
    await world.pass(ms)
    world.setNetwork(true)
    await world.pass(1_000)
    await world.settle()
    expectOwnAtTheEnd(world)
  },
)

test.each(MOMENTS_MS)(
  'who wrote without a network %i ms before it came back stays where they are',
  async (ms) => {
    const world = await reading(ms)
    world.setNetwork(true)
    await world.pass(5_000)
    world.write(ROOM)
    await world.pass(5_000 + ms)
    await world.settle()
    expectTheBeginning(world)
  },
)

test('whom the way to the end was refused stays where they are', async () => {
  const world = await reading(1)
  world.setNetwork(true)
  await world.pass(5_000)
  const refused = expect(world.client.room(ROOM).loadNewest()).rejects.toMatchObject({ retry: 'later' })
  await world.pass(1_000)
  await refused
  await world.settle()
  expectTheBeginning(world)
})

test('what is missed after something was written is not passed over', async () => {
  const world = await unread(1)
  world.toggle(ROOM)
  world.write(ROOM)
  await world.pass(1_000)
  expectOwnAtTheEnd(world)
  world.setNetwork(true)
  for (let n = 0; n < TOO_MUCH; n++) world.hear(ROOM)
  await world.settle()
  expect(listOf(world)).toMatchObject({ hasAfter: true, loading: false })
})

test('who goes elsewhere before the end is there stays there', async () => {
  const world = await reading(1)
  world.setNetwork(true)
  await world.pass(100)
  world.write(ROOM)
  await world.client.room(ROOM).loadAround(1 as Seq)
  await world.settle()
  expect(listOf(world)).toMatchObject({ hasAfter: true, loading: false })
})
