import { median, spread } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result } from '../report/result.ts'
import { type Contestant, tallyEmbedded, tallyPostgres, tallyRedis } from '../servers/contestants.ts'
import { type OracleFigures, PairsRun } from './pairs-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const CANDIDATES = [
  { contestant: tallyEmbedded, readyMs: 2_000, name: 'embedded, with data' },
  { contestant: tallyPostgres, readyMs: 1_000, name: 'on PostgreSQL, with data' },
  { contestant: tallyRedis, readyMs: 1_000, name: 'on PostgreSQL and Redis, with data' },
]

export const coldStart: Scenario = {
  name: 'cold-start',
  about: 'from the start of the process until it is ready, with people, rooms and messages stored',
  expectedSeconds: { once: 43, perRound: 0 },
  run,
}

type Starts = { name: string; readyMs: number; firstMs: number; laterMs: number[]; oracle: OracleFigures }

async function run(surroundings: Surroundings): Promise<Result> {
  const measured: Starts[] = []
  for (const { contestant, readyMs, name } of CANDIDATES) {
    measured.push({ name, readyMs, ...(await measure(surroundings, contestant)) })
    progress(`cold start ${name}: ${measured.at(-1)?.laterMs.map(Math.round).join(', ')} ms`)
  }
  return resultOf(measured)
}

function measure(
  { storages, options }: Surroundings,
  contestant: Contestant,
): Promise<Pick<Starts, 'firstMs' | 'laterMs' | 'oracle'>> {
  return storages.lend(async (storage) => {
    const pairCount = options.isShort ? 5 : 500
    const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
    const firstMs = run.running.servers[0]?.readyAfterMs ?? Number.NaN
    await run.step({
      perSecond: options.isShort ? 20 : 200,
      warmUpSeconds: 0,
      seconds: options.isShort ? 0.3 : 5,
    })
    const oracle = await run.finish()
    const laterMs: number[] = []
    for (let start = 0; start < (options.isShort ? 1 : 3); start += 1) {
      const running = await contestant.start(storage)
      laterMs.push(running.servers[0]?.readyAfterMs ?? Number.NaN)
      await running.stop()
    }
    return { firstMs, laterMs, oracle }
  })
}

function resultOf(measured: readonly Starts[]): Result {
  const wrong = measured.reduce((sum, { oracle }) => sum + oracle.wrong + oracle.lost, 0)
  return {
    scenario: 'cold-start',
    title: 'Cold start',
    what: 'From the start of the process until `GET /health/ready` says so, with 1,000 people, 500 rooms and 1,000 messages stored; and the first time, when the database is empty and its tables have to be made.',
    bars: [
      ...measured.map(
        ({ name, readyMs, laterMs }): Bar => ({
          promise: `${name}: ready ≤ ${readyMs / 1_000} s`,
          measured: `${(median(laterMs) / readyMs).toFixed(2)} of the bar: ${(median(laterMs) / 1_000).toFixed(2)} s`,
          held: median(laterMs) <= readyMs,
        }),
      ),
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      {
        caption: 'In ms',
        head: ['', 'median of three', 'fastest to slowest', 'the first time'],
        rows: measured.map(({ name, laterMs, firstMs }) => [
          name,
          Math.round(median(laterMs)).toLocaleString('en-US'),
          spread(laterMs),
          Math.round(firstMs).toLocaleString('en-US'),
        ]),
      },
    ],
    plots: [],
    notes: [],
    voidBecause: [],
    figures: measured,
  }
}
