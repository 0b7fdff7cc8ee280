import { median, spread } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result } from '../report/result.ts'
import { sequential, tallyPostgres } from '../servers/contestants.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { chosen, roundsOf, type Scenario, type Surroundings } from './scenario.ts'

const BARS = { p50Ms: 3, p99Ms: 12 }
const CANDIDATES = [tallyPostgres, sequential]

export const smoke: Scenario = {
  name: 'smoke',
  about: 'a minute that tells whether the product is fast and right: 1,000 messages/s on PostgreSQL',
  expectedSeconds: { once: 0, perRound: 22 },
  run,
}

async function run({ storages, options }: Surroundings): Promise<Result> {
  const steps: StepFigures[] = []
  const oracles: OracleFigures[] = []
  const rounds = roundsOf(smoke, options)
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of chosen(CANDIDATES, options)) {
      progress(`smoke, round ${round} of ${rounds}: ${contestant.name}`)
      await storages.lend(async (storage) => {
        const pairCount = options.isShort ? 20 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        const load = options.isShort
          ? { perSecond: 50, warmUpSeconds: 0.2, seconds: 0.5 }
          : { perSecond: 1_000, warmUpSeconds: 4 * options.scale, seconds: 6 * options.scale }
        steps.push(await run.step(load))
        oracles.push(await run.finish())
      })
    }
  }
  return resultOf(steps, oracles)
}

/** What nobody saw is in no percentile. */
export function missingBar(steps: readonly StepFigures[]): Bar {
  const missing = steps
    .filter(({ contestant }) => contestant === tallyPostgres.name)
    .reduce((sum, { refused, unanswered, unseen }) => sum + refused + unanswered + unseen, 0)
  return {
    mustHold: true,
    promise: 'Tally answers and shows every message: percentiles are of all of them',
    measured: `${missing} refused, unanswered or unseen`,
    held: missing === 0,
  }
}

function resultOf(steps: readonly StepFigures[], oracles: readonly OracleFigures[]): Result {
  const names = CANDIDATES.map(({ name }) => name).filter((name) =>
    steps.some(({ contestant }) => contestant === name),
  )
  const of = (name: string, pick: (step: StepFigures) => number): number =>
    median(steps.filter(({ contestant }) => contestant === name).map(pick))
  const p50 = of(tallyPostgres.name, ({ badge }) => badge.p50)
  const p99 = of(tallyPostgres.name, ({ badge }) => badge.p99)
  const faults = oracles.filter(({ contestant }) => contestant === tallyPostgres.name)
  const wrong = faults.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  return {
    scenario: 'smoke',
    title: 'Fast and right, in a minute',
    what: '1,000 people in 500 rooms, 1,000 messages a second, one node on PostgreSQL beside what teams start with.',
    bars: [
      { promise: `badge p50 < ${BARS.p50Ms} ms`, measured: `${p50.toFixed(1)} ms`, held: p50 < BARS.p50Ms },
      { promise: `badge p99 < ${BARS.p99Ms} ms`, measured: `${p99.toFixed(1)} ms`, held: p99 < BARS.p99Ms },
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
      missingBar(steps),
    ],
    tables: [
      {
        caption: 'Medians of the rounds, in ms',
        head: [
          '',
          'badge p50',
          'badge p99',
          'p99, lowest to highest round',
          'ack p50',
          'ack p99',
          'messages/s',
          'server, cores',
        ],
        rows: names.map((name) => [
          `\`${name}\``,
          of(name, ({ badge }) => badge.p50).toFixed(1),
          of(name, ({ badge }) => badge.p99).toFixed(1),
          spread(steps.filter(({ contestant }) => contestant === name).map(({ badge }) => badge.p99)),
          of(name, ({ ack }) => ack.p50).toFixed(1),
          of(name, ({ ack }) => ack.p99).toFixed(1),
          of(name, ({ acknowledgedPerSecond }) => acknowledgedPerSecond).toFixed(0),
          of(name, ({ serverShare }) => serverShare).toFixed(2),
        ]),
      },
    ],
    plots: [],
    notes: [],
    voidBecause: steps.flatMap(({ contestant, limitedBy }) =>
      limitedBy === undefined ? [] : [`${contestant}: ${limitedBy}`],
    ),
    figures: { steps, oracles },
  }
}
