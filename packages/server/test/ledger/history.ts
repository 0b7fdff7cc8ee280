import type { RoomId, UserId } from '@tally/protocol'
import fc from 'fast-check'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { LEASE_TTL_MS, LedgerWorld, type Weakness } from './ledger-world.ts'
import type { Sometimes } from './sometimes.ts'

const USERS = ['u0', 'u1', 'u2', 'u3'] as UserId[]
const ROOMS = ['r0', 'r1', 'r2'] as RoomId[]
const DEVICES = ['phone', 'laptop']

/** What a step is about, of what it may use whatever it needs. */
type Choices = {
  readonly world: LedgerWorld
  readonly user: UserId
  readonly other: UserId
  readonly room: RoomId
  readonly feed: RoomId
  readonly seq: number
  readonly device: string
  readonly number: number
  readonly coin: boolean
}

type Action = { readonly weight: number; readonly run: (choices: Choices) => void | Promise<void> }

/** Everything that can happen, how often it does, by the names of the rule table. */
const ACTIONS: Record<string, Action> = {
  // Shrinking turns steps into this one.
  nothing: { weight: 1, run: () => undefined },

  send: { weight: 9, run: ({ world, room, user }) => world.commit(world.truth.send(room, user, true)) },
  'send a system message': {
    weight: 1,
    run: ({ world, room }) => world.commit(world.truth.send(room, null, false)),
  },
  'read up to': {
    weight: 3,
    run: ({ world, room, user, seq }) => world.commit(world.truth.readUpTo(room, user, seq)),
  },
  'read to the head': {
    weight: 2,
    run: ({ world, room, user }) => world.commit(world.truth.readUpTo(room, user, Number.MAX_SAFE_INTEGER)),
  },
  'read with an old epoch': {
    weight: 1,
    run: ({ world, room, user, seq }) => world.commit(world.truth.readUpTo(room, user, seq, 0)),
  },
  'mark unread': {
    weight: 2,
    run: async ({ world, room, user, seq }) => {
      world.commit(world.truth.markUnread(room, user, seq))
      await world.lease(user, { kind: 'close-older', roomId: room, beforeEpoch: epochOf(world, room, user) })
    },
  },
  'the end of what was open arrives again': {
    weight: 2,
    run: ({ world, room, user, coin }) =>
      world.lease(user, {
        kind: 'close-older',
        roomId: room,
        beforeEpoch: epochOf(world, room, user) - (coin ? 1 : 0),
      }),
  },
  'delete a message': {
    weight: 2,
    run: ({ world, room, seq }) =>
      world.commit(world.truth.remove(room, (message) => message.seq === seq, false)),
  },
  purge: {
    weight: 1,
    run: ({ world, room, seq }) =>
      world.commit(world.truth.remove(room, (message) => message.seq < seq, true)),
  },
  edit: { weight: 1, run: ({ world, room }) => world.commit(world.truth.touch(room)) },
  mute: {
    weight: 1,
    run: ({ world, room, user, coin }) => world.commit(world.truth.setFlags(room, user, { muted: coin })),
  },
  archive: {
    weight: 2,
    run: ({ world, room, user, coin }) => world.commit(world.truth.setFlags(room, user, { archived: coin })),
  },
  join: {
    weight: 3,
    run: ({ world, room, user, coin }) =>
      world.commit(world.truth.join(room, user, coin ? 'unread' : 'none')),
  },
  leave: { weight: 2, run: ({ world, room, user }) => world.commit(world.truth.leave(room, [user])) },
  'delete a room': {
    weight: 1,
    run: ({ world, room, number }) => {
      if (number % 4 === 0) world.commit(world.truth.leave(room, USERS))
    },
  },
  block: {
    weight: 2,
    run: ({ world, user, other, coin }) => world.commit(world.truth.setBlocked(user, other, coin)),
  },
  'begin to mark all read': { weight: 1, run: ({ world, user }) => world.truth.startMarkAllRead(user) },
  'go on marking all read': {
    weight: 2,
    run: ({ world, user }) => world.commit(world.truth.stepMarkAllRead(user)),
  },
  notify: { weight: 3, run: ({ world, feed }) => world.commit(world.truth.send(feed, null, true)) },
  'read a notification': {
    weight: 2,
    run: ({ world, feed, seq }) => world.commit(world.truth.readAlone(feed, seq)),
  },
  'read all notifications': {
    weight: 1,
    run: ({ world, feed, user }) => world.commit(world.truth.readUpTo(feed, user, Number.MAX_SAFE_INTEGER)),
  },

  'an event arrives': { weight: 18, run: ({ world, number }) => world.deliver(number, 1) },
  'events arrive together': { weight: 4, run: ({ world, number }) => world.deliver(number, 3) },
  'an event arrives again': { weight: 4, run: ({ world, number }) => world.deliverAgain(number) },

  'begin to warm': { weight: 4, run: ({ world, user }) => world.beginWarm(user, false) },
  'begin to warm again': { weight: 1, run: ({ world, user }) => world.beginWarm(user, true) },
  'read a snapshot': { weight: 4, run: ({ world, number }) => world.readSnapshot(number) },
  'finish a warming': { weight: 4, run: ({ world, number, coin }) => world.finishWarm(number, coin) },
  'drop a key': { weight: 1, run: ({ world, user }) => world.drop(user) },
  'time passes': { weight: 2, run: ({ world, number }) => world.advance((number % 8) * 1_000) },

  connect: {
    weight: 1,
    run: ({ world, user, device }) =>
      world.lease(user, { kind: 'connect', deviceId: device, nodeId: 'node', ttlMs: LEASE_TTL_MS }),
  },
  open: {
    weight: 3,
    run: ({ world, user, device, room, feed, number }) => {
      const roomId = number % 8 === 0 ? feed : room
      const readEpoch = Math.max(0, epochOf(world, roomId, user) - (number % 5 === 0 ? 1 : 0))
      return world.lease(user, { kind: 'open', deviceId: device, roomId, readEpoch, ttlMs: LEASE_TTL_MS })
    },
  },
  close: {
    weight: 1,
    run: ({ world, user, device, room }) =>
      world.lease(user, { kind: 'close', deviceId: device, roomId: room }),
  },
  disconnect: {
    weight: 1,
    run: ({ world, user, device }) => world.lease(user, { kind: 'disconnect', deviceId: device }),
  },
}

const NAMES = Object.keys(ACTIONS)
const WEIGHTED_NAMES = NAMES.flatMap((name) => new Array<string>(ACTIONS[name]!.weight).fill(name))

/** One step: what happens, and four numbers to choose everything else from. */
export type HistoryStep = readonly [name: string, who: number, where: number, number: number]

/** Random histories; `steps` long, the `nothing` of a shrunk one included. */
export function histories(steps: number): fc.Arbitrary<HistoryStep[]> {
  const step = fc.tuple(
    fc.constantFrom('nothing', ...WEIGHTED_NAMES),
    fc.nat(USERS.length * USERS.length - 1),
    fc.nat(ROOMS.length - 1),
    fc.nat(1_023),
  )
  return fc.array(step, { minLength: steps, maxLength: steps })
}

/** Plays a history and brings it to rest; throws at the first thing that is wrong. */
export async function play(
  history: readonly HistoryStep[],
  options: {
    openLedger: (now: () => number) => Ledger
    weakness?: Weakness
    happened: (what: Sometimes) => void
  },
): Promise<void> {
  const world = new LedgerWorld({ users: USERS, ...options })
  for (const roomId of ROOMS) world.truth.addRoom(roomId, 'room')
  for (const user of USERS) world.truth.addRoom(feedOf(user), 'feed')
  for (const user of USERS) {
    world.commit(world.truth.join(feedOf(user), user, 'none'))
    world.commit(world.truth.join(ROOMS[0]!, user, 'none'))
  }
  for (const [name, who, where, number] of history) {
    const user = USERS[who % USERS.length]!
    const room = ROOMS[where]!
    await ACTIONS[name]!.run({
      world,
      user,
      other: USERS[Math.floor(who / USERS.length)]!,
      room,
      feed: feedOf(user),
      seq: number % (world.truth.rooms.get(room)!.seq + 2),
      device: DEVICES[number % DEVICES.length]!,
      number,
      coin: number % 4 < 2,
    })
  }
  await world.rest()
}

/** The steps of a history in which something happens, one a line. */
export function describeHistory(history: readonly HistoryStep[]): string {
  const steps = history.filter(([name]) => name !== 'nothing')
  return steps.map((step) => JSON.stringify(step)).join('\n')
}

function epochOf({ truth }: LedgerWorld, roomId: RoomId, userId: UserId): number {
  return truth.rooms.get(roomId)?.members.get(userId)?.readEpoch ?? 0
}

function feedOf(userId: UserId): RoomId {
  return `feed:${userId}` as RoomId
}
