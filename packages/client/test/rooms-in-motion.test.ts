import type { RoomId, Seq, UserId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { expectFacts, expectNumbers, expectOrder, expectRooms } from './simulation/expectations.ts'
import { ME, World } from './simulation/world.ts'

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
  await world.rest()
  expectFacts(world)
  await world.settle()
  expectOrder(world)
  expectFacts(world)
  expectNumbers(world)
  expectRooms(world)
  await world.client.stop()
}

function expectRoomGone(error: unknown): void {
  expect(error).toMatchObject({ code: 'room_not_found' })
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
  expect(world.server.data.rooms.get(ROOM)?.members.get(ME)?.readSeq).toBe(1)
  await expectTruth(world)
})

test.each(MOMENTS_MS)(
  'a room with a new title shows it although one message after another comes while it is opened (seed %i)',
  async (seed) => {
    const world = new World({ seed, isFaulty: false })
    world.hear(ROOM)
    await world.pass(1_000)
    world.update(ROOM, 'title')
    world.toggleNewcomer(ROOM)
    await world.pass(1_000)
    world.toggle(ROOM)
    for (let heard = 0; heard < 40; heard++) {
      world.hear(ROOM)
      await world.pass(10)
    }
    await expectTruth(world)
  },
)

test.each(MOMENTS_MS)(
  'who comes into a room and writes %i ms after it was opened is known there',
  async (ms) => {
    const world = new World({ seed: ms, isFaulty: false })
    world.toggle(ROOM)
    await world.pass(ms)
    world.toggleNewcomer(ROOM)
    world.hear(ROOM)
    world.update(ROOM, 'title')
    await expectTruth(world)
  },
)

test.each(MOMENTS_MS)(
  'who leaves %i ms after somebody came and the title changed is gone there',
  async (ms) => {
    const world = new World({ seed: ms, isFaulty: false })
    world.toggleNewcomer(ROOM)
    world.toggle(ROOM)
    await world.pass(1_000)
    world.update(ROOM, 'title')
    await world.pass(ms)
    world.toggleNewcomer(ROOM)
    await expectTruth(world)
  },
)

test.each(MOMENTS_MS)(
  'who is taken out of an open room and put back %i ms later sees all of it',
  async (ms) => {
    const world = new World({ seed: ms, isFaulty: false })
    for (let heard = 0; heard < 5; heard++) world.hear(ROOM)
    world.toggle(ROOM)
    await world.pass(ms)
    // A page that is on its way belongs to what was before.
    world.client
      .room(ROOM)
      .loadAround(1 as Seq)
      .catch(expectRoomGone)
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

test.each(['open', 'listed'])(
  'not all who have a room of a thousand people %s ask for it at once when its title changes',
  async (where) => {
    let early = 0
    for (let seed = 0; seed < 20; seed++) {
      const world = new World({ seed, isFaulty: false })
      world.network.latencyMs = () => 1
      for (let index = 0; index < 1_000; index++) world.server.data.join(`member ${index}` as UserId, ROOM)
      await world.pass(1_000)
      await world.loadAllRooms()
      if (where === 'open') world.toggle(ROOM)
      await world.pass(1_000)
      world.update(ROOM, 'title')
      await world.pass(700)
      const title = () => world.client.room(ROOM).state.get()?.title
      if (title() === world.server.data.rooms.get(ROOM)?.title) early++
      await world.pass(10_000)
      expect(title()).toBe(world.server.data.rooms.get(ROOM)?.title)
      await world.client.stop()
    }
    expect(early).toBeLessThan(7)
  },
)

test('an open room shows nothing unread from the moment it is open', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  await world.pass(1_000)
  for (let heard = 0; heard < 3; heard++) world.hear(ROOM)
  await world.pass(1_000)
  expect(world.client.room(ROOM).state.get()?.me.unread).toBe(3)
  world.toggle(ROOM)
  await world.pass(100)
  expect(joined(world)).toEqual([ROOM])
  expect(world.client.room(ROOM).state.get()?.me.unread).toBe(0)
  await expectTruth(world)
})

test('a row that got lost is noticed by the total it is part of', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  await world.pass(1_000)
  await world.loadAllRooms()
  world.hear(ROOM)
  await world.pass(1_000)
  // The row goes first and is lost; the total arrives.
  world.network.toLose = 1
  world.hear(ROOM)
  await world.pass(1_000)
  expect(world.client.badge.get()?.total).toBe(2)
  expect(world.client.room(ROOM).state.get()?.me.unread).toBe(2)
  await expectTruth(world)
})

test.each(['away', 'here'])(
  'a room marked unread on another device while this one is %s stays unread',
  async (where) => {
    const world = new World({ seed: 1, isFaulty: false })
    for (let heard = 0; heard < 3; heard++) world.hear(ROOM)
    world.toggle(ROOM)
    await world.pass(1_000)
    const room = world.client.room(ROOM)
    room.markRead(3 as Seq)
    await world.pass(1_000)
    if (where === 'away') world.setNetwork(true)
    world.elsewhere(ROOM, { seq: 2, unread: true })
    // Read in flight, before anybody here can know.
    room.markRead(3 as Seq)
    world.hear(ROOM)
    room.markRead(4 as Seq)
    world.setNetwork(false)
    await world.settle()
    room.markRead(4 as Seq)
    await world.pass(1_000)
    expect(world.server.badge(ME).total).toBe(3)
    expect(joined(world)).toEqual([])
    // What comes is shown all the same, to those who still look.
    expect(world.shown(ROOM)).toHaveLength(4)
    world.toggle(ROOM)
    world.toggle(ROOM)
    await world.pass(1_000)
    room.markRead(4 as Seq)
    await world.pass(1_000)
    expect(world.server.badge(ME).total).toBe(0)
    await expectTruth(world)
  },
)

test('a device that comes back does not hide what was marked unread meanwhile', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  for (let heard = 0; heard < 3; heard++) world.hear(ROOM)
  world.toggle(ROOM)
  await world.pass(1_000)
  world.setNetwork(true)
  world.elsewhere(ROOM, { seq: 2, unread: true })
  await world.settle()
  expect(joined(world)).toEqual([])
  expect(world.client.badge.get()?.total).toBe(2)
  await expectTruth(world)
})

test('a room marked unread while it is looked at goes on, also where news are polled for', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  world.client.setTransport('polling')
  world.hear(ROOM)
  world.toggle(ROOM)
  await world.pass(5_000)
  await Promise.all([world.client.room(ROOM).markUnread(1 as Seq), world.pass(1_000)])
  world.hear(ROOM)
  await world.pass(60_000)
  expect(world.shown(ROOM).map(({ seq }) => seq)).toEqual([1, 2])
  expect(world.client.badge.get()?.total).toBe(2)
  await expectTruth(world)
})

test.each(MOMENTS_MS)('news are polled for from %i ms after nobody looked on', async (ms) => {
  const world = new World({ seed: ms, isFaulty: true })
  world.toggle(ROOM)
  world.client.setVisible(false)
  world.hear(ROOM)
  await world.pass(ms)
  world.client.setTransport('polling')
  await world.pass(ms)
  world.hear(ROOM)
  world.network.isFaulty = false
  await expectTruth(world)
})

test('an older ledger replaces what a late answer says of the one before', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  const { client, network } = world
  client.setTransport('polling')
  // There and back: what was missed is asked for at once and answered last, the poll is both after the rebuild.
  const onTheWayMs = [1, 10, 100, 1]
  const end = client.connection.subscribe(() => {
    network.latencyMs = () => onTheWayMs.shift() ?? 1
    end()
  })
  while (onTheWayMs.length > 2) await world.pass(1)
  world.rebuildLedger({ isRestored: true })
  await world.pass(10_000)
  world.hear(ROOM)
  await world.pass(10_000)
  expect(client.badge.get()?.total).toBe(1)
  await expectTruth(world)
})

test('what an open room missed is fetched when the room is told as of a later change', async () => {
  const world = new World({ seed: 1, isFaulty: false })
  world.hear(ROOM)
  world.toggle(ROOM)
  await world.pass(1_000)
  world.network.toLose = 1
  world.hear(ROOM)
  await world.pass(10_000)
  expect(world.shown(ROOM)).toHaveLength(1)
  // All rooms are asked for anew, and none by its messages: nothing was thought to be missing.
  world.rebuildLedger({ isRestored: false })
  world.hear('a' as RoomId)
  await world.pass(10_000)
  expect(world.shown(ROOM)).toHaveLength(2)
  await expectTruth(world)
})

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

test.each(MOMENTS_MS)(
  'what changed while the ledger was rebuilt is not forgotten when the network fails before all of it came (seed %i)',
  async (seed) => {
    const world = new World({ seed, isFaulty: false })
    world.client.setTransport('polling')
    world.hear(ROOM)
    await world.pass(5_000)
    world.update(ROOM, 'title')
    world.rebuildLedger({ isRestored: false })
    // The poll is answered that everything has to be asked for; the answer to that does not come through.
    const sync = vi.spyOn(world.server, 'sync')
    while (sync.mock.calls.length < 2) await world.pass(1)
    world.network.isDown = true
    await world.pass(50)
    await world.rest()
    const title = world.client.rooms.get().items.find(({ id }) => id === ROOM)?.title
    expect(title).toBe(world.server.data.rooms.get(ROOM)?.title)
    await expectTruth(world)
  },
)
