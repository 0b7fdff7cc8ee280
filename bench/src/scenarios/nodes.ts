import { median } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { tallyNodes, tallyRedis } from '../servers/contestants.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const NODES = [1, 2, 3]
const PER_SECOND = 1_000

export const nodes: Scenario = {
  name: 'nodes',
  about: 'one, two and three nodes on Redis, the people of a room on different ones',
  expectedSeconds: { once: 35, perRound: 30 },
  run,
}

type Round = { nodes: number; step: StepFigures; oracle: OracleFigures }

async function run({ storages, options }: Surroundings): Promise<Result> {
  const rounds = options.isShort ? 1 : options.rounds
  const measured: Round[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const count of NODES) {
      progress(`nodes, round ${round} of ${rounds}: ${count}`)
      await storages.lend(async (storage) => {
        const contestant = count === 1 ? tallyRedis : tallyNodes(count)
        const pairCount = options.isShort ? 6 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        const step = await run.step(
          options.isShort
            ? { perSecond: 50, warmUpSeconds: 0.1, seconds: 0.5 }
            : { perSecond: PER_SECOND, warmUpSeconds: 4 * options.scale, seconds: 6 * options.scale },
        )
        measured.push({ nodes: count, step, oracle: await run.finish() })
      })
    }
  }
  return resultOf(measured)
}

function resultOf(measured: readonly Round[]): Result {
  const counts = NODES.filter((count) => measured.some(({ nodes }) => nodes === count))
  const of = (count: number, pick: (step: StepFigures) => number): number =>
    median(measured.filter(({ nodes }) => nodes === count).map(({ step }) => pick(step)))
  const wrong = measured.reduce((sum, { oracle }) => sum + oracle.wrong + oracle.lost, 0)
  const growth = (pick: (step: StepFigures) => number): number => of(counts.at(-1) ?? 1, pick) / of(1, pick)
  const [transactions, commands] = [
    growth((step) => step.transactionsPerMessage),
    growth((step) => step.redisCommandsPerMessage),
  ]
  return {
    scenario: 'nodes',
    title: 'More nodes',
    what: `As \`pairs\` at ${PER_SECOND.toLocaleString('en-US')} messages a second, on one, two and three nodes that share these cores. With more than one node every badge crosses from one to another.`,
    bars: [
      {
        promise: 'Redis operations per message constant (within 1.5 ×)',
        measured: `${commands.toFixed(2)} × on ${counts.at(-1)} nodes`,
        held: commands <= 1.5,
      },
      {
        promise: 'database transactions per message constant (within 1.5 ×)',
        measured: `${transactions.toFixed(2)} × on ${counts.at(-1)} nodes`,
        held: transactions <= 1.5,
      },
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      {
        caption: 'Medians of the rounds',
        head: [
          'nodes',
          'badge p50',
          'badge p99',
          'servers, cores',
          'database',
          'Redis',
          'database transactions per message',
          'Redis commands per message',
        ],
        rows: counts.map((count) => [
          count,
          `${of(count, ({ badge }) => badge.p50).toFixed(1)} ms`,
          `${of(count, ({ badge }) => badge.p99).toFixed(1)} ms`,
          of(count, ({ serverShare }) => serverShare).toFixed(2),
          of(count, ({ databaseShare }) => databaseShare).toFixed(2),
          of(count, ({ redisShare }) => redisShare).toFixed(2),
          of(count, ({ transactionsPerMessage }) => transactionsPerMessage).toFixed(2),
          of(count, ({ redisCommandsPerMessage }) => redisCommandsPerMessage).toFixed(2),
        ]),
      },
    ],
    plots: [],
    notes: [
      'Calls per message fall with the load, because one call carries a whole group: nodes that get a part of the load each have smaller groups.',
    ],
    voidBecause: [],
    figures: measured,
  }
}
