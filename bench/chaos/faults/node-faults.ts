import { setTimeout as delay } from 'node:timers/promises'
import type { World } from '../world/world.ts'
import type { Fault } from './fault.ts'

const KILLS = 2
const DOWN_MS = 2_000
const FROZEN_MS = 10_000

export const nodeFaults: readonly Fault[] = [
  {
    name: 'kill -9 of a node',
    promise:
      'every acknowledged message is stored once; badges exact ≤ 5 s later, those of rooms that were open there within the lease (≤ 30 s)',
    kind: 'server',
    isShort: true,
    bars: { untilExactMs: 5_000 },
    inject: async (world) => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await killOldest(world)
        await delay(DOWN_MS)
        await world.addNode()
        world.mark('a new node')
      }
      return undefined
    },
  },
  {
    name: 'a node hangs',
    promise: 'frozen for 10 s: nothing is lost, and badges are exact ≤ 5 s after it goes on',
    kind: 'server',
    bars: { untilExactMs: 5_000 },
    inject: async (world, { scale }) => {
      const [node] = world.nodes
      world.mark(`SIGSTOP ${node?.name}`)
      node?.freeze()
      await delay(FROZEN_MS * scale)
      world.mark(`SIGCONT ${node?.name}`)
      node?.thaw()
      return undefined
    },
  },
  {
    name: 'rolling restart',
    promise: 'every node is replaced under load: no message refused, no app gives up, nothing lost',
    kind: 'server',
    bars: { untilExactMs: 5_000, refusesNothing: true, darkensNobody: true },
    inject: async (world) => {
      const codes: (number | null)[] = []
      for (const node of [...world.nodes]) {
        await world.addNode()
        world.mark('a new node')
        codes.push(await world.terminateNode(node))
      }
      const bad = codes.filter((code) => code !== 0)
      return { broken: bad.map((code) => `a node that was asked to end ended with ${code}`) }
    },
  },
  {
    name: 'everybody reconnects',
    promise: 'all connections break at once: everybody is back, exact ≤ 10 s later',
    kind: 'server',
    bars: { untilExactMs: 10_000 },
    inject: async (world) => {
      const cut = world.balancer.cutAll()
      world.mark(`${cut} connections cut`)
      return { figures: { 'connections cut': cut } }
    },
  },
]

async function killOldest(world: World): Promise<void> {
  const [node] = world.nodes
  if (node !== undefined) await world.killNode(node)
}
