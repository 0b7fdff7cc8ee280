import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../world/shared.ts'
import type { World } from '../world/world.ts'
import type { Fault } from './fault.ts'

const FLUSHES = 3
const BETWEEN_FLUSHES_MS = 2_000
const DOWN_MS = 1_500
const LONG_MS = 30_000
const STALE_MS = 5_000
const SPOILT_MS = 15_000
const LOSS_SHARE = 0.1
const SLOW_MS = 300

const redisBars = { untilExactMs: 2_000, refusesNothing: true } as const

export const redisFaults: readonly Fault[] = [
  {
    name: 'Redis FLUSHALL',
    promise: 'exact ≤ 2 s later; no message refused',
    kind: 'server',
    isShort: true,
    isFull: true,
    bars: redisBars,
    inject: async (world) => {
      for (let flush = 0; flush < FLUSHES; flush += 1) {
        if (flush > 0) await delay(BETWEEN_FLUSHES_MS)
        world.mark('FLUSHALL')
        await ask(world.shared.server, 'flushall')
      }
      return undefined
    },
  },
  {
    name: 'Redis crashes and comes back empty',
    promise: 'exact ≤ 2 s after it is back; no message refused',
    kind: 'server',
    isShort: true,
    bars: redisBars,
    inject: async (world) => {
      await away(world, DOWN_MS)
      return undefined
    },
  },
  {
    name: 'Redis hangs',
    promise: 'SIGSTOP for 30 s: no message refused; exact ≤ 2 s after it goes on',
    kind: 'server',
    isFull: true,
    bars: redisBars,
    inject: async (world, { scale }) => {
      const { pid } = world.shared.server
      world.mark('SIGSTOP Redis')
      process.kill(pid, 'SIGSTOP')
      await delay(LONG_MS * scale)
      world.mark('SIGCONT Redis')
      process.kill(pid, 'SIGCONT')
      return undefined
    },
  },
  {
    name: 'Redis is away',
    promise: 'stopped for 30 s: sends succeed throughout, badges within 1 s; exact ≤ 2 s after it is back',
    kind: 'server',
    bars: { ...redisBars, gapMs: 1_000 },
    inject: async (world, { scale }) => {
      await away(world, LONG_MS * scale)
      return undefined
    },
  },
  {
    name: 'Redis is restored to an old copy',
    promise: 'no badge of the past comes back: exact ≤ 2 s later',
    kind: 'server',
    isFull: true,
    bars: redisBars,
    inject: async (world) => {
      const copy = await world.shared.saveCopy()
      world.mark('a copy is made')
      await delay(STALE_MS)
      await away(world, DOWN_MS, copy)
      return undefined
    },
  },
  {
    name: 'failover to a replica with an old copy',
    promise: 'no badge of the past comes back: exact ≤ 2 s later',
    kind: 'relayed',
    isFull: true,
    bars: redisBars,
    inject: async (world) => {
      const replica = await world.shared.startStaleReplica()
      world.mark('the replica hears nothing more')
      await delay(STALE_MS)
      world.mark('failover')
      await world.shared.failOverTo(replica)
      return undefined
    },
  },
  {
    name: 'one in ten frames between nodes is lost',
    promise: 'healed by the next frame, or within 5 s by the touch',
    kind: 'relayed',
    bars: { untilExactMs: 5_000, gapMs: 6_000, refusesNothing: true },
    inject: (world, { scale }) =>
      spoilt(world, { text: '10 % of frames lost', ms: SPOILT_MS * scale }, (relay, isOn) => {
        relay.lossShare = isOn ? LOSS_SHARE : 0
      }),
  },
  {
    name: 'Redis is slow',
    promise: 'every answer 300 ms late: no message refused; exact ≤ 2 s after it is over',
    kind: 'relayed',
    bars: redisBars,
    inject: (world, { scale }) =>
      spoilt(world, { text: `answers ${SLOW_MS} ms late`, ms: SPOILT_MS * scale }, (relay, isOn) => {
        relay.delayMs = isOn ? SLOW_MS : 0
      }),
  },
]

async function away(world: World, downMs: number, copy?: string): Promise<void> {
  world.mark('SIGKILL Redis')
  await world.shared.stopServer()
  await delay(downMs)
  await world.shared.startServer(copy)
  world.mark(copy === undefined ? 'Redis is back, empty' : 'Redis is back, with the old copy')
}

async function spoilt(
  world: World,
  { text, ms }: { text: string; ms: number },
  set: (relay: NonNullable<World['shared']['relay']>, isOn: boolean) => void,
): Promise<{ figures: Record<string, number>; broken: string[] }> {
  const { relay } = world.shared
  if (relay === undefined) throw new Error('nothing stands between the nodes and Redis')
  const lostBefore = relay.lost
  world.mark(text)
  set(relay, true)
  await delay(ms)
  set(relay, false)
  world.mark('the network is well again')
  const lost = relay.lost - lostBefore
  const didHappen = relay.delayMs > 0 || !text.includes('lost') || lost > 0
  return {
    figures: text.includes('lost') ? { 'frames lost': lost } : {},
    broken: didHappen ? [] : ['no frame was lost: the fault did not happen'],
  }
}
