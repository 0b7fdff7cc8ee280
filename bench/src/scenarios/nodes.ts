import { median, spread } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result } from '../report/result.ts'
import { tallyNodes, tallyRedis } from '../servers/contestants.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { roundsOf, type Scenario, type Surroundings } from './scenario.ts'

/** Nodes that these cores can carry under a load that says something about speed. */
const LOADED = { counts: [1, 2, 3], perSecond: 1_000, pairCount: 200, seconds: 3 }
/**
 * More of them with little to do each: what a message asks of Redis and of the database, and nothing about speed. For
 * long: a connection of the database tells of its transactions a second late or more.
 */
const SIMULATED = { counts: [1, 3, 6], perSecond: 200, pairCount: 60, seconds: 12 }
const CONSTANT = 1.5

export const nodes: Scenario = {
  name: 'nodes',
  about:
    'one, two and three nodes on Redis, the people of a room on different ones; up to six with little load',
  expectedSeconds: { once: 59, perRound: 26 },
  run,
}

type Round = { nodes: number; step: StepFigures; oracle: OracleFigures }
type Load = typeof LOADED

async function run(surroundings: Surroundings): Promise<Result> {
  const { options } = surroundings
  const rounds = roundsOf(nodes, options)
  const loaded: Round[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`nodes, round ${round} of ${rounds}`)
    loaded.push(...(await measure(surroundings, LOADED)))
  }
  // In a short run everything is as small there: it would tell nothing more.
  if (options.isShort) return resultOf({ loaded, simulated: loaded })
  progress('nodes: many of them, with little to do')
  return resultOf({ loaded, simulated: await measure(surroundings, SIMULATED) })
}

async function measure(
  { storages, options: { isShort, scale } }: Surroundings,
  { counts, perSecond, pairCount, seconds }: Load,
): Promise<Round[]> {
  const measured: Round[] = []
  for (const count of isShort ? counts.slice(0, 2) : counts) {
    await storages.lend(async (storage) => {
      const contestant = count === 1 ? tallyRedis : tallyNodes(count)
      const run = await PairsRun.open({
        contestant,
        storages,
        storage,
        pairCount: isShort ? 6 : pairCount,
        generatorCount: 1,
      })
      const step = await run.step(
        isShort
          ? { perSecond: 50, warmUpSeconds: 0.1, seconds: 0.5 }
          : { perSecond, warmUpSeconds: 2 * scale, seconds: seconds * scale },
      )
      measured.push({ nodes: count, step, oracle: await run.finish() })
    })
  }
  return measured
}

/** Of one number of nodes, the middle of the rounds. */
function middle(measured: readonly Round[], count: number, pick: (step: StepFigures) => number): number {
  return median(measured.filter(({ nodes }) => nodes === count).map(({ step }) => pick(step)))
}

/** Processor time of servers, database and Redis together, in µs a message. */
function usPerMessage(step: StepFigures): number {
  return ((step.serverShare + step.databaseShare + step.redisShare) * 1e6) / step.perSecond
}

function resultOf({ loaded, simulated }: { loaded: readonly Round[]; simulated: readonly Round[] }): Result {
  const wrong = [...loaded, ...simulated].reduce((sum, { oracle }) => sum + oracle.wrong + oracle.lost, 0)
  const most = Math.max(...simulated.map(({ nodes }) => nodes))
  const constant = (what: string, pick: (step: StepFigures) => number): Bar => {
    const growth = middle(simulated, most, pick) / middle(simulated, 1, pick)
    return {
      promise: `${what} per message constant (the bench’s own tolerance: within ${CONSTANT} ×)`,
      measured: `${growth.toFixed(2)} × on ${most} nodes`,
      held: growth <= CONSTANT,
    }
  }
  const crossing = (pick: (step: StepFigures) => number): number =>
    middle(loaded, 2, pick) - middle(loaded, 1, pick)
  return {
    scenario: 'nodes',
    title: 'More nodes',
    what: `As \`pairs\`, with ${LOADED.pairCount} rooms and ${LOADED.perSecond.toLocaleString('en-US')} messages a second, on one, two and three nodes that share these cores. With more than one node every badge crosses from one to another. Then up to six nodes with ${SIMULATED.perSecond} messages a second between all of them, to count what a message asks of Redis and of the database.`,
    bars: [
      constant('Redis operations', (step) => step.redisCommandsPerMessage),
      constant('database transactions', (step) => step.transactionsPerMessage),
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      tableOf(`${LOADED.perSecond.toLocaleString('en-US')} messages a second, medians of the rounds`, loaded),
      tableOf(`${SIMULATED.perSecond} messages a second`, simulated),
    ],
    plots: [
      {
        kind: 'lines',
        name: 'nodes',
        title: 'What a message asks of Redis and of the database, by nodes',
        x: { label: 'nodes', isLog: false },
        y: { label: 'calls per message', isLog: false },
        series: [
          { name: 'Redis commands', points: pointsOf(simulated, (step) => step.redisCommandsPerMessage) },
          { name: 'transactions', points: pointsOf(simulated, (step) => step.transactionsPerMessage) },
        ],
      },
    ],
    notes: [
      `**A badge that crosses from one node to another** costs ${crossing(usPerMessage).toFixed(0)} µs of processor time more than one that does not, on all sides together, and comes ${crossing(({ badge }) => badge.p50).toFixed(1)} ms later (p50).`,
      'Calls per message fall with the load, because one call carries a whole group: nodes that get a part of the load each have smaller groups.',
    ],
    voidBecause: loaded.flatMap(({ nodes: count, step: { limitedBy } }) =>
      limitedBy === undefined ? [] : [`${count} nodes: ${limitedBy}`],
    ),
    figures: { loaded, simulated },
  }
}

function countsOf(measured: readonly Round[]): number[] {
  return [...new Set(measured.map(({ nodes }) => nodes))]
}

function pointsOf(measured: readonly Round[], pick: (step: StepFigures) => number): [number, number][] {
  return countsOf(measured).map((count) => [count, middle(measured, count, pick)])
}

function tableOf(caption: string, measured: readonly Round[]): Result['tables'][number] {
  return {
    caption,
    head: [
      'nodes',
      'Redis commands per message',
      'transactions per message',
      'µs of processor time per message',
      'badge p50',
      'badge p99',
      'p99, lowest and highest round',
      'servers, cores',
      'database',
      'Redis',
    ],
    rows: countsOf(measured).map((count) => {
      const of = (pick: (step: StepFigures) => number): number => middle(measured, count, pick)
      return [
        count,
        of((step) => step.redisCommandsPerMessage).toFixed(2),
        of((step) => step.transactionsPerMessage).toFixed(2),
        of(usPerMessage).toFixed(0),
        `${of(({ badge }) => badge.p50).toFixed(1)} ms`,
        `${of(({ badge }) => badge.p99).toFixed(1)} ms`,
        spread(measured.filter(({ nodes }) => nodes === count).map(({ step }) => step.badge.p99)),
        of(({ serverShare }) => serverShare).toFixed(2),
        of(({ databaseShare }) => databaseShare).toFixed(2),
        of(({ redisShare }) => redisShare).toFixed(2),
      ]
    }),
  }
}
