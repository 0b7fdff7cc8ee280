import { RequestError, type RoomId, type Seq } from '@tally/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ME, ROOMS, World } from './simulation/world.ts'

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
  step('ledger rebuilt', fc.constant(null), (world) => world.server.rebuildLedger()),
  step('touch', fc.constant(null), (world) => world.server.touch()),
  step('pass', fc.integer({ min: 1, max: 3_000 }), (world, ms) => world.pass(ms)),
  step('pass', fc.integer({ min: 1, max: 60 }), (world, ms) => world.pass(ms)),
]

const history = fc.record({
  seed: fc.nat(),
  steps: fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 80, size: 'max' }),
})

/** At no moment may a screen show a message twice, out of order, or with a hole. */
function expectOrder(world: World): void {
  for (const roomId of ROOMS) {
    const seqs = world.shown(roomId).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
    const keys = world.client
      .room(roomId)
      .messages.get()
      .items.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  }
}

/** The badge, the numbers it is made of, and what is on the screen are what a fresh fetch would show. */
function expectNumbers(world: World): void {
  const { client, server } = world
  expect(client.connection.get().state).toBe('live')
  const { total, unreadRooms, notifications } = server.badge(ME)
  expect(client.badge.get()).toMatchObject({ total, unreadRooms, notifications })
  for (const roomId of present(world)) {
    const { unread_count: unread, muted } = server.row(ME, roomId)
    if (!muted) expect(client.room(roomId).state.get()?.me.unread ?? 0).toBe(unread)
    if (world.openRooms.includes(roomId)) expectHistory(world, roomId)
  }
  for (const roomId of ROOMS) expectWritten(world, roomId)
}

/** And so is everything else. */
function expectRooms(world: World): void {
  const { client, server } = world
  expect(
    client.rooms
      .get()
      .items.map(({ id }) => id)
      .sort(),
  ).toEqual(present(world))
  for (const roomId of present(world)) {
    const row = server.row(ME, roomId)
    const shown = client.room(roomId).state.get()
    const { seq, text, senderId } = shown?.lastMessage ?? { seq: 0, text: null, senderId: null }
    expect({ seq, text, senderId }).toEqual({
      seq: row.last_message_seq,
      text: row.last_message,
      senderId: row.last_sender_id,
    })
    expect(shown).toMatchObject({ seq: row.last_message_seq, me: { unread: row.unread_count } })
    // The row of a room that is open here is not sent here: its flags are told again when it is closed.
    if (!world.openRooms.includes(roomId)) expect(shown?.me.muted).toBe(row.muted)
  }
}

const present = ({ server }: World): RoomId[] =>
  ROOMS.filter((roomId) => server.data.rooms.get(roomId)?.members.get(ME)?.left === false)

function expectHistory(world: World, roomId: RoomId): void {
  const stored = world.server.data.rooms.get(roomId)!
  const { hasAfter, loading } = world.client.room(roomId).messages.get()
  const shown = world.shown(roomId)
  expect(loading).toBe(false)
  for (const { state: _, key, ...message } of shown) {
    expect(key).toBe(message.clientId ?? message.id)
    expect(message).toEqual(world.server.data.view(stored.messages.get(message.seq)!, ME))
  }
  if (!hasAfter) expect(shown.at(-1)?.seq ?? 0).toBe(stored.seq)
}

/** What was written is stored once, in the order in which it was written, or is there to see as failed. */
function expectWritten({ client, server, written }: World, roomId: RoomId): void {
  const stored = [...server.data.rooms.get(roomId)!.messages.values()].filter(
    ({ senderId }) => senderId === ME,
  )
  const pending = client
    .room(roomId)
    .messages.get()
    .items.filter(({ state }) => state !== 'sent')
  expect(pending.every(({ state }) => state === 'failed')).toBe(true)
  const failed = new Set(pending.map(({ text }) => text))
  const expected = (written.get(roomId) ?? []).filter((text) => !failed.has(text))
  const ids = stored.map(({ clientId }) => clientId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(stored.length).toBe(expected.length)
  // Edited and deleted ones lost their text; their places say the same.
  stored.forEach((message, index) => {
    if (message.editedAt === undefined && message.deletedAt === undefined)
      expect(message.text).toBe(expected[index])
  })
}

async function play(world: World, plan: readonly Step[]): Promise<void> {
  for (const run of plan) {
    await run(world)
    expectOrder(world)
  }
  await world.settle()
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
      fc.asyncProperty(history, async ({ seed, steps: plan }) => {
        const world = new World({ seed, isFaulty: false })
        await play(world, plan)
        expectNumbers(world)
        expectRooms(world)
        await closeRooms(world)
        expectNumbers(world)
        expectRooms(world)
        await world.client.stop()
      }),
      { numRuns: 100 },
    )
  },
  TIMEOUT_MS,
)

test(
  'with frames lost, doubled and late, badge and screen are right as soon as something shows the loss, the rest after a reconnect',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ seed, steps: plan }) => {
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
      { numRuns: 100 },
    )
  },
  TIMEOUT_MS,
)
