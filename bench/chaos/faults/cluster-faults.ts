import { setTimeout as delay } from 'node:timers/promises'
import type { RedisServer } from '../../../scripts/redis-server.ts'
import { ask } from '../world/shared.ts'
import type { World } from '../world/world.ts'
import type { Fault } from './fault.ts'

const STALE_MS = 5_000
const DEADLINE_MS = 30_000
const POLL_MS = 50

export const clusterFaults: readonly Fault[] = [
  {
    name: 'Redis Cluster: FLUSHALL of every master',
    promise: 'exact ≤ 2 s later; no message refused',
    kind: 'cluster',
    bars: { untilExactMs: 2_000, refusesNothing: true },
    inject: async (world) => {
      world.mark('FLUSHALL')
      for (const master of await world.shared.masters()) await ask(master, 'flushall')
      return undefined
    },
  },
  {
    name: 'Redis Cluster: failover to a replica with an old copy',
    promise: 'the replica that hung for 5 s takes over: no badge of the past; exact ≤ 2 s later',
    kind: 'cluster',
    bars: { untilExactMs: 2_000, refusesNothing: true },
    inject: async (world) => {
      const [master] = await world.shared.masters()
      if (master === undefined) throw new Error('the cluster has no master')
      const replica = await replicaOf(world, master)
      world.mark('a replica hangs')
      process.kill(replica.pid, 'SIGSTOP')
      await delay(STALE_MS)
      world.mark('SIGKILL its master')
      await master.stop()
      process.kill(replica.pid, 'SIGCONT')
      // It must not learn what it missed, and its master is gone: it is told to take over with what it has.
      await ask(replica, 'cluster', 'failover', 'takeover')
      await untilServed(world, replica)
      world.mark('the replica takes over')
      return undefined
    },
  },
  {
    name: 'Redis Cluster: a master crashes',
    promise: 'its replica takes over by itself: exact ≤ 2 s after that',
    kind: 'cluster',
    bars: { untilExactMs: 2_000, refusesNothing: true },
    inject: async (world) => {
      const masters = await world.shared.masters()
      const withReplica = await Promise.all(
        masters.map(async (master) => ({
          master,
          replica: await replicaOf(world, master).catch(() => undefined),
        })),
      )
      const found = withReplica.find(({ replica }) => replica !== undefined)
      if (found?.replica === undefined) throw new Error('no master has a replica')
      world.mark('SIGKILL a master')
      await found.master.stop()
      await untilServed(world, found.replica)
      world.mark('its replica took over')
      return undefined
    },
  },
]

async function replicaOf(world: World, master: RedisServer): Promise<RedisServer> {
  for (const server of world.shared.cluster?.servers ?? []) {
    const role = await ask(server, 'role').catch(() => '')
    if (role.startsWith('slave') && role.split('\n')[2] === String(master.port)) return server
  }
  throw new Error('the master has no replica')
}

/** Until this server is a master and the cluster serves every slot again. */
async function untilServed(world: World, server: RedisServer): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS
  while (performance.now() < deadlineMs) {
    const role = await ask(server, 'role').catch(() => '')
    const info = await ask(server, 'cluster', 'info').catch(() => '')
    if (role.startsWith('master') && info.includes('cluster_state:ok')) return
    await delay(POLL_MS)
  }
  throw new Error(`no failover within ${DEADLINE_MS} ms (${world.shared.kind})`)
}
