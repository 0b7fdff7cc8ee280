import { RequestError, type Seq } from '@tally/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, test, vi } from 'vitest'
import { expectFacts, expectNumbers, expectOrder, expectRooms } from './simulation/expectations.ts'
import { ROOMS, World } from './simulation/world.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

type Step = (world: World) => void | Promise<void>

const room = fc.constantFrom(...ROOMS)
const place = fc.integer({ min: 1, max: 12 })
/** A refusal is an outcome like any other here: whoever asks for something impossible is told so. */
const attempt = (task: Promise<unknown>): void => {
  task.catch((error: unknown) => {
    if (!(error instanceof RequestError)) throw error
  })
}
const step = <T>(
  name: string,
  input: fc.Arbitrary<T>,
  run: (world: World, input: T) => void | Promise<void>,
) =>
  input.map(
    (value): Step =>
      Object.assign((world: World) => run(world, value), {
        toString: () => `${name} ${fc.stringify(value)}`,
      }),
  )

const steps: fc.Arbitrary<Step>[] = [
  step('hear', room, (world, roomId) => world.hear(roomId)),
  step('hear many', fc.tuple(room, fc.integer({ min: 4, max: 40 })), (world, [roomId, count]) => {
    for (let heard = 0; heard < count; heard++) world.hear(roomId)
  }),
  step('write', room, (world, roomId) => world.write(roomId)),
  step('open or close', room, (world, roomId) => world.toggle(roomId)),
  step(
    'change',
    fc.tuple(room, place, fc.constantFrom('edit', 'delete', 'react')),
    (world, [roomId, seq, how]) => world.change(roomId, { seq, how }),
  ),
  step('see', room, (world, roomId) => {
    const last = world.shown(roomId).at(-1)
    if (last !== undefined && world.openRooms.includes(roomId)) world.client.room(roomId).markRead(last.seq)
  }),
  step('mark unread', fc.tuple(room, place), (world, [roomId, seq]) =>
    attempt(world.client.room(roomId).markUnread(seq as Seq)),
  ),
  step('read or unread elsewhere', fc.tuple(room, place, fc.boolean()), (world, [roomId, seq, unread]) =>
    world.elsewhere(roomId, { seq, unread }),
  ),
  step('mute', fc.tuple(room, fc.boolean()), (world, [roomId, muted]) =>
    attempt(world.client.room(roomId).mute(muted)),
  ),
  step('leave or join', room, (world, roomId) => world.toggleMember(roomId)),
  step('update', fc.tuple(room, fc.constantFrom('title', 'metadata')), (world, [roomId, part]) =>
    world.update(roomId, part),
  ),
  step('newcomer', room, (world, roomId) => world.toggleNewcomer(roomId)),
  step('load before', room, (world, roomId) => attempt(world.client.room(roomId).loadBefore())),
  step('load around', fc.tuple(room, place), (world, [roomId, seq]) =>
    attempt(world.client.room(roomId).loadAround(seq as Seq)),
  ),
  step('load newest', room, (world, roomId) => attempt(world.client.room(roomId).loadNewest())),
  step('in view', fc.boolean(), (world, visible) => world.client.setVisible(visible)),
  step('cut', fc.constant(null), (world) => world.cut()),
  step('network down', fc.boolean(), (world, isDown) => world.setNetwork(isDown)),
  step('busy server', fc.boolean(), (world, isBusy) => {
    world.server.isBusy = isBusy
  }),
  step('ledger rebuilt', fc.boolean(), (world, isRestored) => world.rebuildLedger({ isRestored })),
  step('touch', fc.constant(null), (world) => world.server.touch()),
  step('pass', fc.integer({ min: 1, max: 3_000 }), (world, ms) => world.pass(ms)),
  step('pass', fc.integer({ min: 1, max: 60 }), (world, ms) => world.pass(ms)),
]

/** The app starts anew on the same device, and news find another way. */
const moves: fc.Arbitrary<Step>[] = [
  step('reload', fc.constant(null), (world) => world.reload()),
  step('transport', fc.constantFrom('auto', 'polling', 'websocket'), (world, transport) =>
    world.client.setTransport(transport),
  ),
  step('sockets', fc.constantFrom('pass', 'refused', 'unanswered'), (world, sockets) => {
    world.network.sockets = sockets
    world.cut()
  }),
  step('device offline', fc.boolean(), (world, isOnline) => world.client.setOnline(isOnline)),
]

const historyOf = (kinds: fc.Arbitrary<Step>[]) =>
  fc.record({
    seed: fc.nat(),
    steps: fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 80, size: 'max' }),
  })

async function play(world: World, plan: readonly Step[]): Promise<void> {
  for (const run of plan) {
    await run(world)
    expectOrder(world)
  }
  await world.rest()
  expectFacts(world)
  for (const roomId of world.openRooms) {
    world.update(roomId, 'title')
    world.update(roomId, 'metadata')
    world.toggleNewcomer(roomId)
  }
  await world.pass(5_000)
  expectFacts(world)
  await world.settle()
  expectFacts(world)
}

async function closeRooms(world: World): Promise<void> {
  for (const roomId of world.openRooms) world.toggle(roomId)
  await world.pass(1_000)
}

const TIMEOUT_MS = 60_000

test(
  'whatever happens on the way, at rest the client shows what a fresh fetch would show',
  async () => {
    await fc.assert(
      fc.asyncProperty(historyOf([...steps, ...moves]), async ({ seed, steps: plan }) => {
        const world = new World({ seed, isFaulty: false })
        await play(world, plan)
        expectNumbers(world)
        expectRooms(world)
        await closeRooms(world)
        expectNumbers(world)
        expectRooms(world)
        await world.client.stop()
      }),
      { numRuns: 100, endOnFailure: true },
    )
  },
  TIMEOUT_MS,
)

test(
  'with frames lost, doubled and late, badge and screen are right as soon as something shows the loss, the rest after a reconnect',
  async () => {
    await fc.assert(
      fc.asyncProperty(historyOf([...steps, ...moves]), async ({ seed, steps: plan }) => {
        const world = new World({ seed, isFaulty: true })
        await play(world, plan)
        expectNumbers(world)
        await closeRooms(world)
        expectNumbers(world)
        world.cut()
        await world.settle()
        expectNumbers(world)
        expectRooms(world)
        await world.client.stop()
      }),
      { numRuns: 100, endOnFailure: true },
    )
  },
  TIMEOUT_MS,
)
