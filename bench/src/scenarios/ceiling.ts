import { availableParallelism } from 'node:os'
import { PEERS } from '../../peers/peers.ts'
import { median } from '../measure/percentiles.ts'
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
  tallyPostgres,
  tallyRedis,
  tallyTwoNodes,
} from '../servers/contestants.ts'
import { type Ceiling, limitTable, lowestFailed } from './ceiling-limits.ts'
import { P99_MAX_MS, searchCeiling } from './ceiling-search.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { chosen, rotated, roundsOf, type Scenario, type Surroundings } from './scenario.ts'

const CANDIDATES = [
  tallyRedis,
  tallyTwoNodes,
  bare,
  nothing,
  singleCte,
  sequential,
  naiveRedis,
  tallyPostgres,
  tallyEmbedded,
  ...PEERS,
]
/** Baselines that hold less than this were run on a machine on which nothing can be said. */
const WEAKEST = new Map([
  [singleCte.name, 4_000],
  [sequential.name, 2_000],
  [naiveRedis.name, 2_000],
])

export const ceiling: Scenario = {
  name: 'ceiling',
  about: 'the rate rises until a badge takes more than 100 ms (p99), all contestants',
  expectedSeconds: { once: 20, perRound: 215 },
  run,
}

async function run({ storages, options }: Surroundings): Promise<Result> {
  const rounds = roundsOf(ceiling, options)
  const steps: StepFigures[] = []
  const ceilings: Ceiling[] = []
  const oracles: OracleFigures[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of rotated(chosen(CANDIDATES, options), round)) {
      await storages.lend(async (storage) => {
        const pairCount = options.isShort ? 20 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        const before = ceilings.findLast((ceiling) => ceiling.contestant === contestant.name)?.perSecond
        const found = await searchCeiling(run, { ...options, name: contestant.name, before })
        steps.push(...found.steps)
        ceilings.push({ contestant: contestant.name, perSecond: found.heldPerSecond })
        progress(`ceiling, round ${round} of ${rounds}: ${contestant.name} holds ${found.heldPerSecond}/s`)
        oracles.push(await run.finish())
      })
    }
  }
  return resultOf({ steps, ceilings, oracles })
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
  const limited = limitsOf({ steps, ceilings })
  return {
    scenario: 'ceiling',
    title: 'How much each one holds',
    what:
      'As `pairs`, at the highest rate whose badges take no more than 100 ms at p99 with nothing refused and nothing missing: two ' +
      'seconds at each rate, strides up or down from a guess, then halving. A rate that fails is tried once more.',
    highlights: highlightsOf(
      names.filter((name) => !limited.has(name)),
      (name) => median(held(name)),
    ),
    bars: barsOf({ ceiling: (name) => median(held(name)), faults, limited }),
    tables: [
      {
        caption: 'Highest rate with p99 ≤ 100 ms, messages a second',
        head: ['', 'as a share of `tally-redis`', 'median', 'round by round', 'wrong', 'lost', ''],
        rows: names.map((name) => {
          const own = oracles.filter(({ contestant }) => contestant === name)
          return [
            `\`${name}\``,
            // On a machine that is too busy even the lowest rate may be too much.
            ours > 0 ? (median(held(name)) / ours).toFixed(2) : '–',
            median(held(name)).toLocaleString('en-US'),
            held(name)
              .map((rate) => rate.toLocaleString('en-US'))
              .join('; '),
            own.reduce((sum, { wrong }) => sum + wrong, 0),
            own.reduce((sum, { lost }) => sum + lost, 0),
            CANDIDATES.find((candidate) => candidate.name === name)?.about ?? '',
          ]
        }),
      },
      limitTable(
        { steps, ceilings },
        CANDIDATES.filter(({ name }) => names.includes(name)),
        availableParallelism(),
      ),
    ],
    plots: [
      {
        kind: 'stack',
        name: 'ceiling-rates',
        title: 'Messages a second with badges within 100 ms (p99)',
        label: 'messages per second, median of the rounds',
        parts: ['messages per second'],
        strong: names.filter((name) => name.startsWith('tally')),
        bars: names
          .map((name) => ({ name, values: [median(held(name))] }))
          .toSorted(({ values: [one = 0] }, { values: [other = 0] }) => other - one),
      },
      {
        kind: 'lines',
        name: 'ceiling',
        title: 'Badge latency (p99) while the rate rises',
        x: { label: 'messages per second', isLog: true },
        y: { label: 'ms', isLog: true },
        series: names.map((name) => ({ name, points: curve(steps, name) })),
        levels: [{ name: 'given up', y: P99_MAX_MS }],
      },
    ],
    notes: [
      'A server of Node or Lua has use for little more than one core: from there on everything waits for it. The machine counts all that runs on it, the generator included.',
      ...[...limited].map(
        ([name, why]) => `\`${name}\` was not at its end: ${why}. It holds at least what stands here.`,
      ),
    ],
    voidBecause: weak,
    figures: { ceilings, steps, oracles },
  }
}

function highlightsOf(names: readonly string[], ceiling: (name: string) => number): string[] {
  const others = names.filter((name) => name !== tallyRedis.name && !name.startsWith('tally'))
  const ours = ceiling(tallyRedis.name)
  if (!(ours > 0) || others.length === 0) return []
  const ratios = others.map((name) => timesText(ours / ceiling(name), name))
  return [
    `One node on PostgreSQL and Redis holds ${ours.toLocaleString('en-US')} messages a second with badges within 100 ms (p99): ${ratios.join(', ')}.`,
  ]
}

/** Below one, a tenth is too coarse. */
const timesText = (ratio: number, name: string): string => `${ratio.toFixed(ratio < 1 ? 2 : 1)} × \`${name}\``

function barsOf({
  ceiling,
  faults,
  limited,
}: {
  ceiling: (name: string) => number
  faults: readonly OracleFigures[]
  limited: ReadonlyMap<string, string>
}): Bar[] {
  const ours = ceiling(tallyRedis.name)
  const atLeast = (promise: string, rate: number, bar: number): Bar => ({
    promise,
    measured: `${rate.toLocaleString('en-US')}/s (${(rate / bar).toFixed(2)} of the bar)`,
    held: rate >= bar,
  })
  const times = (other: Contestant, factor: number): Bar =>
    timesBar({ other: other.name, factor, ratio: ours / ceiling(other.name), why: limited.get(other.name) })
  const wrong = faults.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  return [
    atLeast('PostgreSQL + Redis ≥ 12,000 messages/s', ours, 12_000),
    { ...atLeast('aim: 15,000 messages/s', ours, 15_000), isAim: true },
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

/**
 * How many times what another one holds. Who holds more than could be measured makes the ratio look better than it is, so
 * one that fails already can only get worse: void is only what would else be held.
 * @param why the other one was not at its end; undefined when it was.
 */
export function timesBar({
  other,
  factor,
  ratio,
  why,
}: {
  other: string
  factor: number
  ratio: number
  why: string | undefined
}): Bar {
  const held = ratio >= factor
  const atMost = why === undefined ? '' : ` at most: \`${other}\` was not at its end, ${why}`
  return {
    promise: `PostgreSQL + Redis ≥ ${factor} × \`${other}\``,
    measured: `${ratio.toFixed(2)} ×${atMost}`,
    held,
    ...(held && why !== undefined ? { voidBecause: `\`${other}\` was not at its end: ${why}` } : {}),
  }
}

/** Median over the rounds at each rate, rates rising. */
function curve(steps: readonly StepFigures[], name: string): (readonly [number, number])[] {
  const own = Map.groupBy(
    steps.filter(({ contestant }) => contestant === name),
    ({ perSecond }) => perSecond,
  )
  return [...own]
    .map(([rate, ofRate]) => [rate, median(ofRate.map(({ badge }) => badge.p99))] as const)
    .sort(([one], [other]) => one - other)
}

/** Where the generator, and not the contestant, was at its end at the rate that made the ceiling, and why. */
export function limitsOf({ steps, ceilings }: Pick<Measured, 'steps' | 'ceilings'>): Map<string, string> {
  const named = Map.groupBy(steps, ({ contestant }) => contestant)
  return new Map(
    [...named].flatMap(([name, own]) => {
      const found = ceilings.filter(({ contestant }) => contestant === name)
      const first = lowestFailed(own, median(found.map(({ perSecond }) => perSecond)))
      const limited = first.find(({ limitedBy }) => limitedBy !== undefined)
      if (limited === undefined) return []
      return [[name, `at ${limited.perSecond.toLocaleString('en-US')}/s ${limited.limitedBy}`] as const]
    }),
  )
}
