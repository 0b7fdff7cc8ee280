import { setTimeout as delay } from 'node:timers/promises'
import type { World } from '../world/world.ts'
import type { Fault } from './fault.ts'

const DOWN_MS = 5_000
const CUTS = 5
const BETWEEN_CUTS_MS = 700

export const postgresFaults: readonly Fault[] = [
  {
    name: 'PostgreSQL crashes and recovers',
    promise:
      'away for 5 s: nothing acknowledged is lost, what was refused is sent again; exact ≤ 5 s after it is back',
    kind: 'server',
    bars: { untilExactMs: 5_000 },
    inject: async (world, { scale }) => {
      world.mark('SIGQUIT PostgreSQL')
      await world.postgres.crash()
      await delay(DOWN_MS * scale)
      await world.postgres.revive()
      world.mark('PostgreSQL is back')
      return undefined
    },
  },
  {
    name: 'connections to PostgreSQL are cut',
    promise:
      'in the middle of commits: nothing acknowledged is lost, nothing is stored twice; exact ≤ 5 s later',
    kind: 'server',
    bars: { untilExactMs: 5_000 },
    inject: async (world) => {
      let cut = 0
      for (let round = 0; round < CUTS; round += 1) {
        if (round > 0) await delay(BETWEEN_CUTS_MS)
        cut += await cutConnections(world)
        world.mark('pg_terminate_backend')
      }
      return { figures: { 'connections cut': cut } }
    },
  },
]

/** Every connection of every node, whatever it is doing; the checker's own stay. */
async function cutConnections(world: World): Promise<number> {
  const { rowCount } = await world.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'node-%'`,
  )
  return rowCount ?? 0
}
