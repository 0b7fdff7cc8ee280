import { setTimeout as delay } from 'node:timers/promises'
import type { DeviceSpec } from '../crowd/crowd-job.ts'
import type { World } from '../world/world.ts'
import type { Fault, Findings } from './fault.ts'

const STOPPED_MS = 10_000
const POLL_MS = 100
/** A heartbeat of 10 s and 20 s to answer it: then the server knows that nobody is there. The rest is slack. */
const LEASE_BAR_MS = 35_000
const LEASE_DEADLINE_MS = 90_000

export const clientFaults: readonly Fault[] = [
  {
    name: 'readers stop reading',
    promise: 'devices that read nothing for 10 s hold up nobody, and are exact ≤ 5 s after they go on',
    kind: 'server',
    excludesSleepers: true,
    bars: { untilExactMs: 5_000, refusesNothing: true, gapMs: 2_000 },
    inject: async (world, { scale }) => {
      world.mark('SIGSTOP of devices')
      world.sleepers?.freeze()
      await delay(STOPPED_MS * scale)
      world.sleepers?.thaw()
      world.mark('SIGCONT')
      return undefined
    },
  },
  {
    name: 'a device freezes with a room open',
    promise:
      'what it never confirmed counts again on the other device within the lease and one touch (30 + 5 s), without a further event',
    kind: 'server',
    isQuiet: true,
    bars: { untilExactMs: 5_000, refusesNothing: true },
    inject: (world) => frozenInRoom(world, async () => {}),
  },
  {
    name: 'the node of a frozen device with a room open is killed',
    promise:
      'what it never confirmed counts again on the other device within the lease and one touch (30 + 5 s), without a further event',
    kind: 'server',
    isQuiet: true,
    bars: { untilExactMs: 5_000, refusesNothing: true },
    prepare: async (world) => {
      const port = world.nodes.at(-1)?.port
      // Around the balancer, so that it is known whose connections they are.
      await world.wakeSleepersAt(`http://127.0.0.1:${port}`)
    },
    inject: async (world) => {
      const found = await frozenInRoom(world, async () => {
        const node = world.nodes.at(-1)
        if (node !== undefined) await world.killNode(node)
      })
      await world.addNode()
      await world.wakeSleepersAt(world.balancer.url)
      return found
    },
  },
]

/**
 * A sleeper opens its room and freezes; then somebody writes there. The person's other device shows nothing unread, as
 * the room is open, until the lease is over: then it has to show that message.
 */
async function frozenInRoom(world: World, afterwards: () => Promise<void>): Promise<Findings> {
  const { sleepers } = world
  const [sleeper] = world.sleeperDevices
  const roomId = sleeper?.frontRoomId
  if (sleepers === undefined || sleeper === undefined || roomId === undefined)
    throw new Error('nobody sleeps')
  const other = world.devices.find(
    ({ userId, deviceId }) => userId === sleeper.userId && deviceId !== sleeper.deviceId,
  )
  if (other === undefined) throw new Error('the sleeper has no other device')
  await sleepers.ask('openFrontRooms', true)
  await until('the open room shows nothing unread on the other device', async () => {
    return (await shownOn(world, other, roomId)) === 0
  })
  world.mark('SIGSTOP of a device in its room')
  sleepers.freeze()
  const frozenAtMs = performance.now()
  await writeInto(world, { roomId, notBy: sleeper.userId })
  await afterwards()
  try {
    await until(
      'what was never confirmed counts again',
      async () => (await shownOn(world, other, roomId)) !== 0,
    )
  } finally {
    sleepers.thaw()
  }
  const tookMs = Math.round(performance.now() - frozenAtMs)
  world.mark('it counts again')
  await sleepers.ask('openFrontRooms', false)
  return {
    figures: { 'counts again after ms': tookMs },
    broken: tookMs > LEASE_BAR_MS ? [`it counted again only after ${tookMs} ms`] : [],
  }
}

async function shownOn(world: World, { deviceId }: DeviceSpec, roomId: string): Promise<number | null> {
  return world.crowdOf(deviceId).ask('shown', { deviceId, roomId })
}

async function writeInto(world: World, { roomId, notBy }: { roomId: string; notBy: string }): Promise<void> {
  const writer = world.devices.find(
    ({ userId, roomIds, deviceId }) =>
      userId !== notBy && roomIds.includes(roomId) && !world.isSleeper(deviceId),
  )
  if (writer === undefined) throw new Error('nobody else is in the room')
  const { deviceId } = writer
  await world.crowdOf(deviceId).ask('sendOne', { deviceId, roomId, text: `unseen by ${notBy}` })
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + LEASE_DEADLINE_MS
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${LEASE_DEADLINE_MS} ms: ${what}`)
    await delay(POLL_MS)
  }
}
