import type { RoomId, Seq } from '@tally/protocol'
import { addMembers } from '../../src/actions/add-members.ts'
import type { ActionContext } from '../../src/actions/context.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { sendSystemMessage } from '../../src/actions/send-system-message.ts'
import type { Chance } from '../scenarios/seeded.ts'
import { attempt, type SimulatedDevice } from './simulated-device.ts'
import { ROOMS, USERS, type World } from './world.ts'

/** What a step is about: of this it may use whatever it needs. */
type Choices = {
  readonly world: World
  readonly chance: Chance
  readonly device: SimulatedDevice
  readonly roomId: RoomId
}

type Step = {
  readonly weight: number
  /** What it did, in words. `undefined`: there was nothing to do. */
  readonly run: (choices: Choices) => string | undefined
}

/** Everything people do, and everything that happens to what they use. */
const STEPS: Record<string, Step> = {
  send: {
    weight: 22,
    run: ({ world, device, roomId }) => {
      const text = world.nextText()
      device.write(roomId, text)
      return `${device.name} sends "${text}" to ${roomId}`
    },
  },
  'send a burst': {
    weight: 3,
    run: ({ world, device, roomId, chance }) => {
      const count = 2 + chance.below(6)
      for (let sent = 0; sent < count; sent += 1) device.write(roomId, world.nextText())
      return `${device.name} sends ${count} messages to ${roomId}`
    },
  },
  'system message': {
    weight: 1,
    run: ({ world, chance, roomId }) => {
      const isAsked = host(world, chance, (ctx) => sendSystemMessage(ctx, { roomId, text: 'system' }))
      return isAsked ? `the host writes to ${roomId}` : undefined
    },
  },
  'open or close': {
    weight: 10,
    run: ({ device, roomId }) => {
      device.toggle(roomId)
      return `${device.name} ${device.openRooms.includes(roomId) ? 'opens' : 'closes'} ${roomId}`
    },
  },
  'read all that is shown': { weight: 8, run: (choices) => see(choices, (shown) => shown.at(-1)) },
  'read a part': { weight: 5, run: (choices) => see(choices, (shown) => choices.chance.pick(shown)) },
  'mark unread': {
    weight: 5,
    run: ({ world, device, roomId, chance }) => {
      const seq = placeIn(world, roomId, chance)
      attempt(device.client.room(roomId).markUnread(seq), world.journal)
      return `${device.name} marks ${roomId} unread from ${seq}`
    },
  },
  'mark all read': {
    weight: 2,
    run: ({ world, device }) => {
      attempt(device.client.markAllRead(), world.journal)
      return `${device.name} marks all read`
    },
  },
  delete: {
    weight: 5,
    run: ({ world, roomId, chance }) => {
      const seq = placeIn(world, roomId, chance)
      const isAsked = host(world, chance, (ctx) => deleteMessage(ctx, null, { roomId, seq }))
      return isAsked ? `the host deletes ${seq} of ${roomId}` : undefined
    },
  },
  edit: {
    weight: 2,
    run: ({ world, device, roomId, chance }) => {
      const seq = placeIn(world, roomId, chance)
      attempt(device.client.room(roomId).edit(seq, world.nextText()), world.journal)
      return `${device.name} edits ${seq} of ${roomId}`
    },
  },
  react: {
    weight: 5,
    run: ({ world, device, roomId, chance }) => {
      const seq = placeIn(world, roomId, chance)
      const emoji = chance.pick(EMOJI)
      attempt(device.client.room(roomId).react(seq, emoji, true), world.journal)
      return `${device.name} puts ${emoji} on ${seq} of ${roomId}`
    },
  },
  'take a reaction off': {
    weight: 3,
    run: ({ world, chance }) => {
      const given = world.devices.flatMap((device) => reactionsOf(world, device))
      if (given.length === 0) return undefined
      const { device, roomId, seq, emoji } = chance.pick(given)
      attempt(device.client.room(roomId).react(seq, emoji, false), world.journal)
      return `${device.name} takes ${emoji} off ${seq} of ${roomId}`
    },
  },
  mute: {
    weight: 3,
    run: ({ world, device, roomId, chance }) => {
      const muted = chance.is(0.5)
      attempt(device.client.room(roomId).mute(muted), world.journal)
      return `${device.name} ${muted ? 'mutes' : 'unmutes'} ${roomId}`
    },
  },
  archive: {
    weight: 3,
    run: ({ world, device, roomId, chance }) => {
      const archived = chance.is(0.6)
      attempt(device.client.room(roomId).archive(archived), world.journal)
      return `${device.name} ${archived ? 'archives' : 'takes back'} ${roomId}`
    },
  },
  join: {
    weight: 5,
    run: ({ world, chance, roomId }) => {
      const userId = chance.pick(USERS)
      const history = chance.pick(['none', 'unread'] as const)
      const join = { roomId, userIds: [userId], role: 'member', history } as const
      return host(world, chance, (ctx) => addMembers(ctx, null, join))
        ? `${userId} joins ${roomId}`
        : undefined
    },
  },
  leave: {
    weight: 2,
    run: ({ world, device, roomId }) => {
      attempt(device.client.room(roomId).leave(), world.journal)
      return `${device.name} leaves ${roomId}`
    },
  },
  kick: {
    weight: 2,
    run: ({ world, chance, roomId }) => {
      const userId = chance.pick(USERS)
      const isAsked = host(world, chance, (ctx) => removeMember(ctx, null, { roomId, userId }))
      return isAsked ? `${userId} is taken out of ${roomId}` : undefined
    },
  },
  'block or unblock': {
    weight: 4,
    run: ({ world, device, chance }) => {
      const userId = chance.pick(USERS.filter((other) => other !== device.userId))
      const blocks = chance.is(0.5)
      attempt(blocks ? device.client.block(userId) : device.client.unblock(userId), world.journal)
      return `${device.name} ${blocks ? 'blocks' : 'unblocks'} ${userId}`
    },
  },
  'show or hide': {
    weight: 3,
    run: ({ device, chance }) => {
      device.setVisible(chance.is(0.6))
      return `${device.name} is ${device.isVisible ? 'in view' : 'hidden'}`
    },
  },
  'poller looks at a room': {
    weight: 3,
    run: ({ world, roomId, chance }) => {
      const shown = chance.is(0.6) ? roomId : undefined
      const poller = chance.pick(world.pollers)
      poller.show(shown)
      return `${poller.userId}'s page shows ${shown ?? 'no room'}`
    },
  },
  'installed app opens a room': {
    weight: 3,
    run: ({ world, roomId, chance }) => {
      const app = chance.pick(world.apps)
      if (chance.is(0.8)) app.open(roomId)
      else app.close()
      return `${app.name} of ${app.userId} shows ${app.openRoom ?? 'no room'}`
    },
  },
  'installed app is cut': {
    weight: 1,
    run: ({ world, chance }) => {
      const app = chance.pick(world.apps)
      app.cut()
      return `the connection of ${app.name} is cut`
    },
  },

  cut: {
    weight: 3,
    run: ({ world, device }) => {
      world.journal.happened('connection cut')
      device.cut()
      return `the connection of ${device.name} is cut`
    },
  },
  offline: {
    weight: 3,
    run: ({ world, device, chance }) => {
      world.journal.happened('device offline for a while')
      const ms = 500 + chance.below(20_000)
      device.setOffline(true)
      world.time.after(ms, () => device.setOffline(false))
      return `${device.name} is offline for ${ms} ms`
    },
  },
  vanish: {
    weight: 2,
    run: ({ world, device }) => {
      world.journal.happened('device vanished without a word')
      world.vanish(device)
      return `${device.name} vanishes without a word`
    },
  },
  'kill a node': {
    weight: 1,
    run: ({ world, chance }) => {
      if (world.nodes.length === 0) return undefined
      const node = chance.pick(world.nodes)
      world.kill(node)
      return ''
    },
  },
  'start a node': {
    weight: 2,
    run: ({ world }) => {
      world.startNode()
      return ''
    },
  },
  flush: {
    weight: 1.5,
    run: ({ world, chance, roomId }) => {
      world.journal.happened('ledger flushed')
      world.redis.flush()
      // While messages flow: some of them find the key not there yet, being made, or being filled.
      for (const device of world.devices) {
        const text = world.nextText()
        world.time.after(chance.below(FLOW_MS), () => device.write(roomId, text))
      }
      return `the ledger is flushed while everybody writes to ${roomId}`
    },
  },
  'restart the ledger': {
    weight: 0.5,
    run: ({ world }) => {
      world.journal.happened('ledger restarted empty')
      world.redis.restartEmpty()
      return 'the ledger starts anew, empty'
    },
  },
  'fail over': {
    weight: 1,
    run: ({ world, chance }) => {
      world.journal.happened('ledger failed over to an old copy')
      const behindBy = chance.below(300)
      world.redis.failOver({ behindBy })
      return `the ledger fails over to a copy that is ${behindBy} calls behind`
    },
  },
  hang: {
    weight: 0.7,
    run: ({ world, chance }) => {
      world.journal.happened('ledger hung')
      const ms = 500 + chance.below(6_000)
      world.redis.isHung = true
      world.time.after(ms, () => {
        world.redis.isHung = false
      })
      return `the ledger hangs for ${ms} ms`
    },
  },
  'database away': {
    weight: 0.7,
    run: ({ world, chance }) => {
      world.journal.happened('database away')
      const ms = 500 + chance.below(3_000)
      world.database.isDown = true
      world.time.after(ms, () => {
        world.database.isDown = false
      })
      return `the database is away for ${ms} ms`
    },
  },
}

const FLOW_MS = 80
/** Few, so that several people give the same one. */
const EMOJI = ['👍', '🎉'] as const

/** How many times as often as usual some of it happens, by its name. */
export type MoreOften = Readonly<Record<string, number>>

/** One thing that happens, and some time after it. */
export async function step(world: World, chance: Chance, moreOften: MoreOften = {}): Promise<void> {
  const name = chance.weighted(
    Object.entries(STEPS).map(([name, { weight }]) => [weight * (moreOften[name] ?? 1), name] as const),
  )
  const device = chance.pick(world.devices)
  const roomId = chance.pick(ROOMS)
  const done = STEPS[name]!.run({ world, chance, device, roomId })
  if (done) world.journal.note(done)
  await world.time.pass(pauseMs(chance))
}

function pauseMs(chance: Chance): number {
  if (chance.is(0.02)) return chance.below(35_000)
  if (chance.is(0.1)) return chance.below(3_000)
  return chance.is(0.4) ? chance.below(10) : chance.below(200)
}

/** The host's backend asks some node. @returns whether there was one. */
function host(world: World, chance: Chance, ask: (ctx: ActionContext) => Promise<unknown>): boolean {
  if (world.nodes.length === 0) return false
  attempt(ask(chance.pick(world.nodes).ctx), world.journal)
  return true
}

function see({ device, roomId }: Choices, choose: (shown: Seq[]) => Seq | undefined): string | undefined {
  const shown = device.openRooms.includes(roomId) && device.isVisible ? device.shown(roomId) : []
  const seq = shown.length === 0 ? undefined : choose(shown)
  if (seq === undefined) return undefined
  device.client.room(roomId).markRead(seq)
  return `${device.name} reads ${roomId} up to ${seq}`
}

/** One of the last messages, or the place after them. */
function placeIn({ database }: World, roomId: RoomId, chance: Chance): Seq {
  const { seq } = database.model.head(roomId)
  return Math.max(1, seq + 1 - chance.below(6)) as Seq
}

type GivenReaction = {
  readonly device: SimulatedDevice
  readonly roomId: RoomId
  readonly seq: Seq
  readonly emoji: string
}

/** What a device could take off: at a place by chance there would hardly ever be anything of its owner's. */
function reactionsOf({ database: { model } }: World, device: SimulatedDevice): GivenReaction[] {
  return ROOMS.flatMap((roomId) => model.room(roomId)!.messages).flatMap(({ roomId, seq, reactions }) =>
    reactions
      .filter(({ userIds }) => userIds.includes(device.userId))
      .map(({ emoji }) => ({ device, roomId, seq: seq as Seq, emoji })),
  )
}
