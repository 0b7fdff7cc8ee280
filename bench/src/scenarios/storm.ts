import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad, CrowdSeen } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import { latencies } from '../measure/percentiles.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const BARS = { p99Ms: 50, caughtUpMs: 10_000, queries: 1 }

export const storm: Scenario = {
  name: 'storm',
  about: '5,000 people are cut off and come back at the same moment, while others write',
  expectedSeconds: { once: 55, perRound: 0 },
  run,
}

type Storm = {
  count: number
  calm: StepFigures
  during: StepFigures
  back: CrowdSeen
  calmWindow: WindowFigures
  stormWindow: WindowFigures
  oracle: OracleFigures
}

async function run({ storages, options }: Surroundings): Promise<Result> {
  const count = options.isShort ? 50 : 5_000
  const seconds = options.isShort ? 1 : 12 * options.scale
  const load = { perSecond: options.isShort ? 50 : 1_000, seconds }
  const storm = await storages.lend(async (storage): Promise<Storm> => {
    const pairCount = options.isShort ? 5 : 250
    // With the admission that everybody gets: it is what keeps a stampede away from the others.
    const run = await PairsRun.open({
      contestant: tallyRedis,
      storages,
      storage,
      pairCount,
      generatorCount: 1,
    })
    const people = await makePeople(count, 'stormy')
    await withDatabase(storage.databaseUrl, async (database) => {
      const userIds = people.map(({ userId }) => userId)
      await seedPeople(database, userIds)
      const rooms = userIds.map((userId, index) => ({
        roomId: `stormy-${index}`,
        userIds: [userId, userIds[(index + 1) % count] ?? ''],
      }))
      await seedRooms(database, rooms)
      await database.query('analyze')
    })
    const crowd = new Generator<CrowdLoad>('crowd-load.ts')
    try {
      await crowd.ask('connect', { url: run.running.servers[0]?.url ?? '', people, atOnce: 200 })
      await crowd.ask('sync')
      const calmWindow = await Window.open(run.running, storages)
      const calm = await run.step({ ...load, warmUpSeconds: options.isShort ? 0.1 : 4 })
      const calmFigures = await calmWindow.close()
      const stormWindow = await Window.open(run.running, storages)
      const writing = run.step({ ...load, warmUpSeconds: 0 })
      await delay(options.isShort ? 100 : 1_000)
      const back = await crowd.ask('storm')
      progress(`storm: ${count} back in ${Math.round(back.tookMs)} ms, ${back.failed} failed`)
      const during = await writing
      const stormFigures = await stormWindow.close()
      crowd.stop()
      const oracle = await run.finish()
      return { count, calm, during, back, calmWindow: calmFigures, stormWindow: stormFigures, oracle }
    } finally {
      crowd.stop()
      await run.running.stop()
    }
  })
  return resultOf(storm)
}

function resultOf(storm: Storm): Result {
  const { count, calm, during, back, calmWindow, stormWindow, oracle } = storm
  const calmPerSecond = calmWindow.transactions / calmWindow.seconds
  const queries = Math.max(0, stormWindow.transactions - calmPerSecond * stormWindow.seconds) / count
  const caughtUp = latencies([...back.caughtUpMs])
  const wrong = oracle.wrong + oracle.lost
  const rowOf = (name: string, step: StepFigures): string[] => [
    name,
    `${step.badge.p50.toFixed(1)} ms`,
    `${step.badge.p99.toFixed(1)} ms`,
    `${step.badge.max.toFixed(0)} ms`,
    step.serverShare.toFixed(2),
    step.databaseShare.toFixed(2),
    step.redisShare.toFixed(2),
  ]
  return {
    scenario: 'storm',
    title: 'Everybody comes back at once',
    what: `${count.toLocaleString('en-US')} people lose their connection at the same moment, reconnect without any back-off and sync, while others write ${during.perSecond} messages a second.`,
    highlights: [
      `${count.toLocaleString('en-US')} people who lose their connection at one moment are back and caught up after ${(caughtUp.max / 1_000).toFixed(1)} s; those who write meanwhile wait ${during.badge.p99.toFixed(0)} ms (p99).`,
    ],
    bars: [
      {
        promise: `others' p99 ≤ ${BARS.p99Ms} ms`,
        measured: `${during.badge.p99.toFixed(1)} ms (${(during.badge.p99 / BARS.p99Ms).toFixed(2)} of the bar; ${calm.badge.p99.toFixed(1)} ms before)`,
        held: during.badge.p99 <= BARS.p99Ms,
      },
      {
        promise: 'all caught up ≤ 10 s',
        measured: `${(caughtUp.max / 1_000).toFixed(1)} s (${(caughtUp.max / BARS.caughtUpMs).toFixed(2)} of the bar), ${back.failed} refused`,
        held: caughtUp.max <= BARS.caughtUpMs && back.failed === 0,
      },
      {
        promise: 'database queries per reconnect ≤ 1',
        measured: queries.toFixed(2),
        held: queries <= BARS.queries,
      },
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      {
        caption: 'What those who write felt',
        head: ['', 'badge p50', 'p99', 'slowest', 'server, cores', 'database', 'Redis'],
        rows: [rowOf('before', calm), rowOf('while everybody came back', during)],
      },
    ],
    plots: [],
    notes: [
      `Half were back after ${(caughtUp.p50 / 1_000).toFixed(1)} s. Real clients spread themselves with a jittered back-off; these did not.`,
    ],
    voidBecause: [],
    figures: { ...storm, back: { ...back, caughtUpMs: caughtUp } },
  }
}
