import { PEERS } from '../../peers/peers.ts'
import { median, spread } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import {
  bare,
  naiveRedis,
  nothing,
  sequential,
  singleCte,
  tallyEmbedded,
  tallyPostgres,
  tallyRedis,
  tallyTwoNodes,
} from '../servers/contestants.ts'
import { partsPlot, partsTables, perSecondText } from './pairs-parts.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { chosen, rotated, roundsOf, type Scenario, type Surroundings } from './scenario.ts'

const RATES = [1_000, 6_000]
/** The first rate's is long: until then the compiler takes a good part of a core. */
const WARM_UP_SECONDS = { first: 14, others: 3 }
/** At the first rate a single stall would else be more than the hundredth that p99 is about. */
const LOOK_SECONDS = { first: 8, others: 3 }
/** What cannot take the higher rate is not asked to: `ceiling` says where each one ends. */
const SLOW_RATE_MAX = 1_000
const SLOW: readonly string[] = [
  ...[tallyTwoNodes, tallyEmbedded, singleCte, sequential, naiveRedis],
  ...PEERS,
].map(({ name }) => name)
const CANDIDATES = [
  tallyRedis,
  tallyTwoNodes,
  bare,
  nothing,
  tallyPostgres,
  tallyEmbedded,
  singleCte,
  sequential,
  naiveRedis,
  ...PEERS,
]

export const pairs: Scenario = {
  name: 'pairs',
  about: '1,000 people in 500 rooms, a badge for each message, all contestants',
  expectedSeconds: { once: 0, perRound: 310 },
  run,
}

async function run({ storages, options }: Surroundings): Promise<Result> {
  const rounds = roundsOf(pairs, options)
  const steps: StepFigures[] = []
  const oracles: OracleFigures[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of rotated(chosen(CANDIDATES, options), round)) {
      progress(`pairs, round ${round} of ${rounds}: ${contestant.name}`)
      await storages.lend(async (storage) => {
        const pairCount = options.isShort ? 20 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        const rates = SLOW.includes(contestant.name) ? RATES.filter((rate) => rate <= SLOW_RATE_MAX) : RATES
        for (const [index, perSecond] of rates.entries()) {
          const step = await run.step(
            options.isShort
              ? { perSecond: perSecond / 20, warmUpSeconds: 0.2, seconds: 0.5 }
              : {
                  perSecond,
                  warmUpSeconds: WARM_UP_SECONDS[index === 0 ? 'first' : 'others'] * options.scale,
                  seconds: LOOK_SECONDS[index === 0 ? 'first' : 'others'] * options.scale,
                },
          )
          steps.push({ ...step, perSecond })
          progress(`  ${summaryOf(step)}`)
        }
        oracles.push(await run.finish())
      })
    }
  }
  return resultOf(steps, oracles)
}

function summaryOf({
  perSecond,
  badge,
  ack,
  lag,
  refused,
  unanswered,
  unseen,
  ...step
}: StepFigures): string {
  const shares = [step.serverShare, step.databaseShare, step.redisShare, step.generatorShare]
  return [
    `${perSecond}/s: badge ${ms(badge.p50)} / ${ms(badge.p99)}, ack ${ms(ack.p50)} / ${ms(ack.p99)}`,
    `lag ${ms(lag.p50)} / ${ms(lag.p99)}, refused ${refused}, unanswered ${unanswered}, unseen ${unseen}`,
    `cores of server, database, Redis, generator ${shares.map((share) => share.toFixed(2)).join(' ')}`,
    ...(step.limitedBy === undefined ? [] : [`VOID: ${step.limitedBy}`]),
  ].join('; ')
}

function resultOf(all: readonly StepFigures[], oracles: readonly OracleFigures[]): Result {
  // A round that its generator limited says nothing about the contestant: the others count.
  const [steps, limited] = [all.filter((step) => !isLimited(step)), all.filter(isLimited)]
  const names = [...new Set(all.map(({ contestant }) => contestant))]
  const unproven = limited.filter(
    ({ contestant, perSecond }) =>
      !steps.some((step) => step.contestant === contestant && step.perSecond === perSecond),
  )
  return {
    scenario: 'pairs',
    title: '1,000 people in 500 rooms',
    what:
      'Nobody has a room open and nobody reads, so every message is a badge for the other one. Latency runs from the moment a ' +
      'message was to be sent to the first frame whose count of the room includes it; medians of the rounds, and all rounds beside them. Before the first look at a rate the same load runs for a while.',
    highlights: highlightsOf(steps),
    bars: barsOf(steps, oracles),
    tables: [
      ratioTable(steps, names),
      ...RATES.map((rate) => latencyTable(steps, { rate, names, oracles })),
      ...partsTables(steps, RATES),
    ],
    plots: partsPlot(steps, RATES),
    notes: [
      ...PEERS.filter(({ name }) => names.includes(name)).map(
        ({ name, about }) => `\`${name}\` is ${about}.`,
      ),
      ...limited.map((step) => `One round is void and left out: ${limitOf(step)}.`),
    ],
    voidBecause: unproven.map(limitOf),
    figures: { steps: all, oracles },
  }
}

function isLimited({ limitedBy }: StepFigures): boolean {
  return limitedBy !== undefined
}

function limitOf({ contestant, perSecond, limitedBy }: StepFigures): string {
  return `\`${contestant}\` at ${perSecondText(perSecond)}: ${limitedBy}`
}

/** The middle of the rounds. */
function middle(
  steps: readonly StepFigures[],
  { contestant, rate }: { contestant: string; rate: number },
  of: (step: StepFigures) => number,
): number {
  return median(steps.filter((step) => step.contestant === contestant && step.perSecond === rate).map(of))
}

function barsOf(steps: readonly StepFigures[], oracles: readonly OracleFigures[]): Bar[] {
  const at = (rate: number, of: (step: StepFigures) => number, contestant = tallyRedis.name): number =>
    middle(steps, { contestant, rate }, of)
  const p50 = ({ badge }: StepFigures): number => badge.p50
  const p99 = ({ badge }: StepFigures): number => badge.p99
  const below = (promise: string, value: number, bar: number): Bar => ({
    promise,
    measured: `${ms(value)} (${(value / bar).toFixed(2)} of the bar)`,
    held: value <= bar,
  })
  const faults = oracles.filter(({ contestant }) => contestant.startsWith('tally'))
  const wrong = faults.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  const missing = steps
    .filter(({ contestant }) => contestant.startsWith('tally'))
    .reduce((sum, { refused, unanswered, unseen }) => sum + refused + unanswered + unseen, 0)
  return [
    below('PostgreSQL + Redis at 1,000/s: badge p50 ≤ 2 ms', at(1_000, p50), 2),
    below('PostgreSQL + Redis at 1,000/s: badge p99 ≤ 8 ms', at(1_000, p99), 8),
    below('stretch: badge p99 ≤ 4.5 ms at 1,000/s', at(1_000, p99), 4.5),
    below('PostgreSQL + Redis at 6,000/s: badge p99 ≤ 25 ms', at(6_000, p99), 25),
    ...RATES.map((rate): Bar => {
      const ratio = at(rate, p99) / at(rate, p99, bare.name)
      return {
        promise: `at ${perSecondText(rate)} badge p99 ≤ 1.5 × \`bare\``,
        measured: `${ratio.toFixed(2)} ×`,
        held: ratio <= 1.5,
      }
    }),
    {
      mustHold: true,
      promise: 'no badge of Tally wrong, no message lost',
      measured: `${wrong}`,
      held: wrong === 0,
    },
    {
      mustHold: true,
      promise: 'Tally answers and shows every message: percentiles are of all of them',
      measured: `${missing} are missing`,
      held: missing === 0,
    },
  ].filter(({ measured }) => !measured.includes('NaN'))
}

function highlightsOf(steps: readonly StepFigures[]): string[] {
  const at = (rate: number, contestant: string, of: (step: StepFigures) => number): number =>
    middle(steps, { contestant, rate }, of)
  const p50 = ({ badge }: StepFigures): number => badge.p50
  const p99 = ({ badge }: StepFigures): number => badge.p99
  return RATES.flatMap((rate) => {
    const [own, least] = [at(rate, tallyRedis.name, p99), at(rate, bare.name, p99)]
    if (Number.isNaN(own) || Number.isNaN(least)) return []
    return [
      `At ${rate.toLocaleString('en-US')} messages a second a badge of one node on PostgreSQL and Redis takes ${(own / least).toFixed(1)} × as long (p99) as with \`bare\`, which has no rules, no reads and no totals: it is right after ${ms(at(rate, tallyRedis.name, p50))} (p50) and ${ms(own)} (p99).`,
    ]
  })
}

function ratioTable(steps: readonly StepFigures[], names: readonly string[]): Table {
  const ratio = (contestant: string, rate: number, of: (step: StepFigures) => number): string => {
    const value =
      middle(steps, { contestant, rate }, of) / middle(steps, { contestant: tallyRedis.name, rate }, of)
    return Number.isNaN(value) ? '–' : `${value.toFixed(2)} ×`
  }
  return {
    caption: `How long a badge takes, as a multiple of \`${tallyRedis.name}\``,
    head: [
      '',
      ...RATES.flatMap((rate) => [`p50 at ${perSecondText(rate)}`, `p99 at ${perSecondText(rate)}`]),
    ],
    rows: names.map((name) => [
      `\`${name}\``,
      ...RATES.flatMap((rate) => [
        ratio(name, rate, ({ badge }) => badge.p50),
        ratio(name, rate, ({ badge }) => badge.p99),
      ]),
    ]),
  }
}

function latencyTable(
  steps: readonly StepFigures[],
  { rate, names, oracles }: { rate: number; names: readonly string[]; oracles: readonly OracleFigures[] },
): Table {
  const rows = names.flatMap((name) => {
    const own = steps.filter((step) => step.contestant === name && step.perSecond === rate)
    if (own.length === 0) return []
    const of = (pick: (step: StepFigures) => number): number => median(own.map(pick))
    const faults = oracles.filter(({ contestant }) => contestant === name)
    const sum = (key: 'wrong' | 'lost'): number => faults.reduce((total, oracle) => total + oracle[key], 0)
    return [
      [
        `\`${name}\``,
        ms(of(({ badge }) => badge.p50)),
        ms(of(({ badge }) => badge.p99)),
        spread(own.map(({ badge }) => badge.p99)),
        `${ms(of(({ ack }) => ack.p50))} / ${ms(of(({ ack }) => ack.p99))}`,
        of(({ serverShare }) => serverShare).toFixed(2),
        of(({ databaseShare }) => databaseShare).toFixed(2),
        of(({ redisShare }) => redisShare).toFixed(2),
        `${of(({ generatorShare }) => generatorShare).toFixed(2)}, ${ms(of(({ lag }) => lag.p50))} / ${ms(of(({ lag }) => lag.p99))}`,
        own.reduce((total, { refused, unanswered, unseen }) => total + refused + unanswered + unseen, 0),
        sum('wrong'),
        sum('lost'),
      ],
    ]
  })
  return {
    caption: `${rate.toLocaleString('en-US')} messages a second`,
    head: [
      '',
      'badge p50',
      'badge p99',
      'p99, lowest to highest round',
      'ack p50 / p99',
      'server, cores',
      'database',
      'Redis',
      'generator, cores and lateness p50 / p99',
      'refused, unanswered or unseen',
      'wrong',
      'lost',
    ],
    rows,
  }
}

const ms = (value: number): string => (Number.isNaN(value) ? '–' : `${value.toFixed(value < 100 ? 1 : 0)} ms`)
