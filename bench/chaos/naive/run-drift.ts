import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresCluster } from '../../../scripts/postgres-cluster.ts'
import { progress } from '../../src/report/progress.ts'
import { CONTESTANTS, type ContestantName } from '../contestant.ts'
import type { ChaosOptions } from '../options.ts'
import { openWorld } from '../world/open-world.ts'
import type { PlannedRoom } from '../world/people.ts'
import type { World } from '../world/world.ts'

/** 64 people write to one person at the same moment, from several processes, again and again. */
export type DriftResult = {
  contestant: ContestantName
  fault: string
  rounds: number
  /** Rounds after which the person's total was not the number of messages. */
  wrong: number
  broken: string[]
}

const AT_ONCE = 64
const ROUNDS = 200
const NODES = 4
/** A total that is not right this long after the last acknowledgement stays wrong until the next message. */
const SETTLED_MS = 1_000
const POLL_MS = 25

export async function runDrift(surroundings: {
  options: ChaosOptions
  postgres: PostgresCluster
  logFolder: string
}): Promise<DriftResult[]> {
  const results: DriftResult[] = []
  for (const contestant of surroundings.options.contestants) {
    progress(`${contestant}: ${AT_ONCE} at once at one person, ${ROUNDS} rounds ...`)
    const result = await runOne(contestant, surroundings)
    progress(`  ${result.wrong} of ${result.rounds} totals wrong`)
    results.push(result)
  }
  return results
}

async function runOne(
  contestant: ContestantName,
  { options, postgres, logFolder }: { options: ChaosOptions; postgres: PostgresCluster; logFolder: string },
): Promise<DriftResult> {
  const { program, styles = ['app'], makeRooms, totalsOf } = CONTESTANTS[contestant]
  const world = await openWorld(
    {
      kind: 'server',
      nodeCount: NODES,
      personCount: AT_ONCE + 1,
      crowdCount: options.crowds,
      seed: options.seed,
      logFolder,
      program,
      styles,
      sleeperCount: 0,
    },
    { postgres, plan: planStar, ...(makeRooms === undefined ? {} : { makeRooms }) },
  )
  try {
    const [target] = world.people
    if (target === undefined) throw new Error('there is nobody')
    // One person's total is all that is looked at.
    world.people = [target]
    const total = async (): Promise<number | null> => (await totalsOf(world)).get(target.userId) ?? null
    let wrong = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      await everybodyWrites(world, target.userId)
      if (!(await becomes(total, round * AT_ONCE))) wrong += 1
    }
    const fault = `${AT_ONCE} at once at one person`
    const broken = wrong === 0 ? [] : [`${wrong} of ${ROUNDS} totals were wrong`]
    return { contestant, fault, rounds: ROUNDS, wrong, broken }
  } finally {
    await world.close()
  }
}

/** Everybody shares a room with the first one. */
function planStar([first = '', ...others]: readonly string[]): PlannedRoom[] {
  return others.map((userId) => ({ key: `with-${userId}`, userIds: [first, userId] }))
}

async function everybodyWrites(world: World, target: string): Promise<void> {
  const writers = new Map(
    world.devices.filter(({ userId }) => userId !== target).map((device) => [device.userId, device]),
  )
  await Promise.all(
    [...writers.values()].map(({ deviceId, roomIds }) => {
      const [roomId = ''] = roomIds
      return world.crowdOf(deviceId).ask('sendOne', { deviceId, roomId, text: `hello from ${deviceId}` })
    }),
  )
}

async function becomes(total: () => Promise<number | null>, expected: number): Promise<boolean> {
  const deadlineMs = performance.now() + SETTLED_MS
  for (;;) {
    if ((await total()) === expected) return true
    if (performance.now() > deadlineMs) return false
    await delay(POLL_MS)
  }
}
