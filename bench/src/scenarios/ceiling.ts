import { median, spread } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result } from '../report/result.ts'
import {
  bare,
  type Contestant,
  naiveRedis,
  nothing,
  sequential,
  singleCte,
  tallyEmbedded,
  tallyNodes,
  tallyPostgres,
  tallyRedis,
} from '../servers/contestants.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { chosen, type Scenario, type Surroundings } from './scenario.ts'

/** Above this a rate is no longer held. */
const P99_MAX_MS = 100
const RATES = [
  250, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 10_000, 12_000, 15_000,
  18_000, 21_000, 25_000, 30_000, 36_000, 43_000, 50_000,
]
const CANDIDATES = [
  tallyRedis,
  bare,
  nothing,
  singleCte,
  sequential,
  naiveRedis,
  tallyPostgres,
  tallyEmbedded,
  tallyNodes(2),
]
/** Where the search begins, near where it ended before: elsewhere at 2,000. */
const FIRST_RATES = new Map([
  [nothing.name, 30_000],
  [bare.name, 21_000],
  [tallyRedis.name, 6_000],
  [tallyPostgres.name, 6_000],
  [singleCte.name, 5_000],
  [naiveRedis.name, 3_000],
])
/** Baselines that hold less than this were run on a machine on which nothing can be said. */
const WEAKEST = new Map([
  [singleCte.name, 4_000],
  [sequential.name, 2_000],
  [naiveRedis.name, 2_000],
])

export const ceiling: Scenario = {
  name: 'ceiling',
  about: 'the rate rises until a badge takes more than 100 ms (p99), all contestants',
  run,
}

/** The highest rate one contestant held in one round. */
type Ceiling = { contestant: string; perSecond: number }

async function run({ storages, options }: Surroundings): Promise<Result> {
  const rounds = options.isShort ? 1 : options.rounds
  const steps: StepFigures[] = []
  const ceilings: Ceiling[] = []
  const oracles: OracleFigures[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of chosen(CANDIDATES, options)) {
      await storages.lend(async (storage) => {
        const pairCount = options.isShort ? 20 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        const climbed = await climb(run, { ...options, name: contestant.name })
        steps.push(...climbed)
        const held = Math.max(0, ...climbed.filter(isHeld).map(({ perSecond }) => perSecond))
        ceilings.push({ contestant: contestant.name, perSecond: held })
        progress(`ceiling, round ${round} of ${rounds}: ${contestant.name} holds ${held}/s`)
        oracles.push(await run.finish())
      })
    }
  }
  return resultOf({ steps, ceilings, oracles })
}

/**
 * Up from the first rate until one is not held twice in a row (a checkpoint in the middle of a step is not the end), or
 * down from it until one is.
 */
async function climb(
  run: PairsRun,
  { name, isShort, scale }: { name: string; isShort: boolean; scale: number },
): Promise<StepFigures[]> {
  const rates = isShort ? [50, 100] : RATES
  const first = isShort ? 0 : rates.indexOf(FIRST_RATES.get(name) ?? 2_000)
  const steps: StepFigures[] = []
  // The compiler has seen the code, and the database its tables, before anything counts.
  await run.step({ perSecond: rates[first] ?? 0, warmUpSeconds: 0, seconds: isShort ? 0.2 : 2 * scale })
  for (let index = first; ; ) {
    const perSecond = rates[index]
    if (perSecond === undefined) return steps
    const step = { perSecond, warmUpSeconds: isShort ? 0.1 : 0.5, seconds: isShort ? 0.3 : 2 * scale }
    const tried = await run.step(step)
    const figures = isHeld(tried) ? tried : await run.step(step)
    progress(`  ${name} at ${perSecond}/s: p99 ${figures.badge.p99.toFixed(0)} ms${figures.limitedBy ?? ''}`)
    steps.push(figures)
    const wasHeld = steps.some(isHeld)
    if (wasHeld && (!isHeld(figures) || index < first)) return steps
    index += wasHeld ? 1 : -1
  }
}

function isHeld({ badge, refused, unanswered, unseen, limitedBy }: StepFigures): boolean {
  return badge.p99 <= P99_MAX_MS && refused + unanswered + unseen === 0 && limitedBy === undefined
}

type Measured = {
  steps: readonly StepFigures[]
  ceilings: readonly Ceiling[]
  oracles: readonly OracleFigures[]
}

function resultOf({ steps, ceilings, oracles }: Measured): Result {
  const names = CANDIDATES.map(({ name }) => name).filter((name) =>
    ceilings.some(({ contestant }) => contestant === name),
  )
  const held = (name: string): number[] =>
    ceilings.filter(({ contestant }) => contestant === name).map(({ perSecond }) => perSecond)
  const ours = median(held(tallyRedis.name))
  const weak = [...WEAKEST].flatMap(([name, least]) => {
    const rate = median(held(name))
    return rate < least ? [`\`${name}\` held ${rate}/s, less than ${least}/s`] : []
  })
  const faults = oracles.filter(({ contestant }) => contestant.startsWith('tally'))
  return {
    scenario: 'ceiling',
    title: 'How much each one holds',
    what:
      'As `pairs`, but the rate rises step by step until the badge takes more than 100 ms at p99, or something is refused or missing. ' +
      'A step that fails is tried once more. What counts as held is the last rate before that.',
    bars: barsOf({ ceiling: (name) => median(held(name)), ours, faults }),
    tables: [
      {
        caption: 'Highest rate with p99 ≤ 100 ms, messages a second',
        head: ['', 'median', 'rounds', 'as a share of `tally-redis`', 'wrong', 'lost', ''],
        rows: names.map((name) => {
          const own = oracles.filter(({ contestant }) => contestant === name)
          return [
            `\`${name}\``,
            median(held(name)).toLocaleString('en-US'),
            spread(held(name)),
            (median(held(name)) / ours).toFixed(2),
            own.reduce((sum, { wrong }) => sum + wrong, 0),
            own.reduce((sum, { lost }) => sum + lost, 0),
            CANDIDATES.find((candidate) => candidate.name === name)?.about ?? '',
          ]
        }),
      },
    ],
    plots: [
      {
        kind: 'lines',
        name: 'ceiling',
        title: 'Badge latency (p99) while the rate rises',
        x: { label: 'messages per second', isLog: false },
        y: { label: 'ms', isLog: true },
        series: names.map((name) => ({ name, points: curve(steps, name) })),
        levels: [{ name: 'given up', y: P99_MAX_MS }],
      },
    ],
    notes: limitedNotes(steps),
    voidBecause: weak,
    figures: { ceilings, steps, oracles },
  }
}

function barsOf({
  ceiling,
  ours,
  faults,
}: {
  ceiling: (name: string) => number
  ours: number
  faults: readonly OracleFigures[]
}): Bar[] {
  const atLeast = (promise: string, rate: number, bar: number): Bar => ({
    promise,
    measured: `${rate.toLocaleString('en-US')}/s (${(rate / bar).toFixed(2)} of the bar)`,
    held: rate >= bar,
  })
  const times = (other: Contestant, factor: number): Bar => {
    const ratio = ours / ceiling(other.name)
    return {
      promise: `PostgreSQL + Redis ≥ ${factor} × \`${other.name}\``,
      measured: `${ratio.toFixed(2)} ×`,
      held: ratio >= factor,
    }
  }
  const wrong = faults.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  return [
    atLeast('PostgreSQL + Redis ≥ 12,000 messages/s', ours, 12_000),
    atLeast('stretch: 15,000 messages/s', ours, 15_000),
    times(singleCte, 3),
    times(sequential, 5),
    times(naiveRedis, 5),
    times(nothing, 0.6),
    atLeast('embedded ≥ 5,000 messages/s', ceiling(tallyEmbedded.name), 5_000),
    {
      mustHold: true,
      promise: 'no badge of Tally wrong, no message lost',
      measured: `${wrong}`,
      held: wrong === 0,
    },
  ].filter(({ measured }) => !measured.includes('NaN'))
}

/** Median over the rounds at each rate that all of them reached. */
function curve(steps: readonly StepFigures[], name: string): (readonly [number, number])[] {
  const own = Map.groupBy(
    steps.filter(({ contestant }) => contestant === name),
    ({ perSecond }) => perSecond,
  )
  return [...own].map(([rate, ofRate]) => [rate, median(ofRate.map(({ badge }) => badge.p99))] as const)
}

/** Where the generator ended before the contestant did. */
function limitedNotes(steps: readonly StepFigures[]): string[] {
  const limited = steps.filter(({ limitedBy }) => limitedBy !== undefined)
  const named = Map.groupBy(limited, ({ contestant }) => contestant)
  return [...named].map(
    ([name, own]) =>
      `\`${name}\` was not at its end: at ${Math.min(...own.map(({ perSecond }) => perSecond))}/s ${own[0]?.limitedBy}. It holds at least what stands here.`,
  )
}
