import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresCluster } from '../../../scripts/postgres-cluster.ts'
import { progress } from '../../src/report/progress.ts'
import { CONTESTANTS } from '../contestant.ts'
import { ALL_FAULTS } from '../faults/all-faults.ts'
import type { Fault } from '../faults/fault.ts'
import type { ChaosOptions } from '../options.ts'
import { loadEveryone } from '../run-phase.ts'
import { openWorld } from '../world/open-world.ts'
import { planRooms, stylesOneIn } from '../world/people.ts'
import { naiveBadges, naiveTruth } from './naive-totals.ts'

/** What is left of the usual way after a fault. */
export type NaiveResult = {
  fault: string
  stored: number
  people: number
  /** People whose total in Redis is not what one counts in the messages. */
  wrongTotals: number
  /** Numbers of single rooms that are wrong. */
  wrongRooms: number
}

const SETTLE_DEADLINE_MS = 30_000
/** Whatever is still on its way between its processes has arrived by then. */
const STILL_MS = 3_000

const NOTHING: Pick<Fault, 'name' | 'inject'> = {
  name: 'nothing goes wrong',
  inject: async () => {
    await delay(5_000)
    return undefined
  },
}

/** The faults that every process on Redis meets one day, and none at all; each in a world of its own. */
export async function runNaive(surroundings: {
  options: ChaosOptions
  postgres: PostgresCluster
  logFolder: string
}): Promise<NaiveResult[]> {
  const results: NaiveResult[] = []
  for (const fault of [NOTHING, ...ALL_FAULTS.filter(({ isShort }) => isShort)]) {
    progress(`naive-redis: ${fault.name} ...`)
    const result = await runOne(fault, surroundings)
    progress(`  ${result.wrongTotals} of ${result.people} totals wrong, ${result.wrongRooms} rooms`)
    results.push(result)
  }
  return results
}

async function runOne(
  fault: Pick<Fault, 'name' | 'inject'>,
  { options, postgres, logFolder }: { options: ChaosOptions; postgres: PostgresCluster; logFolder: string },
): Promise<NaiveResult> {
  const {
    program,
    styles = stylesOneIn(options.realEvery),
    makeRooms,
    nodeCount = options.nodes,
  } = CONTESTANTS['naive-redis']
  const world = await openWorld(
    {
      kind: 'server',
      nodeCount,
      personCount: options.people,
      crowdCount: options.crowds,
      seed: options.seed,
      logFolder,
      program,
      sleeperCount: 0,
      styles,
    },
    {
      postgres,
      plan: (userIds) => planRooms(userIds, options.groupSize),
      ...(makeRooms === undefined ? {} : { makeRooms }),
    },
  )
  try {
    await loadEveryone(world, 'naive', options)
    await delay(options.calmMs)
    await fault.inject(world, { scale: options.scale })
    await delay(options.afterMs)
    await world.ask('silence')
    await world.ask('settle', SETTLE_DEADLINE_MS)
    await delay(STILL_MS)
    const [truth, badges] = [await naiveTruth(world), await naiveBadges(world)]
    let [wrongTotals, wrongRooms] = [0, 0]
    for (const [userId, { total, rooms }] of truth) {
      const badge = badges.get(userId)
      if ((badge?.total ?? 0) !== total) wrongTotals += 1
      for (const [roomId, unread] of Object.entries(rooms)) {
        if ((badge?.rooms[roomId] ?? 0) !== unread) wrongRooms += 1
      }
    }
    const { rows } = await world.db.query<{ count: number }>('select count(*)::int as count from messages')
    return { fault: fault.name, stored: rows[0]?.count ?? 0, people: options.people, wrongTotals, wrongRooms }
  } finally {
    await world.close()
  }
}
