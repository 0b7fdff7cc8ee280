import { PEERS } from '../../peers/peers.ts'
import { median } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Result, Table } from '../report/result.ts'
import {
  bare,
  type Contestant,
  naiveRedis,
  nothing,
  sequential,
  singleCte,
  tallyBefore,
  tallyEmbedded,
  tallyPostgres,
  tallyRedis,
  tallyTwoNodes,
} from '../servers/contestants.ts'
import { barsOf } from './pairs-bars.ts'
import { type Ends, endsOf, isBeyondEnd, ratesFor } from './pairs-ends.ts'
import { beforeAndAfter, highlightsOf } from './pairs-highlights.ts'
import { isLimited, middle, ms, p50, p99, spreadAt, stepsAt } from './pairs-middle.ts'
import { partsNotes, partsPlot, partsTables, perSecondText } from './pairs-parts.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { chosen, type RunOptions, rotated, roundsOf, type Scenario, type Surroundings } from './scenario.ts'

const RATES = [1_000, 6_000]
/** The first rate's is long: until then the compiler takes a good part of a core. */
const WARM_UP_SECONDS = { first: 14, others: 3 }
/** At the first rate a single stall would else be more than the hundredth that p99 is about. */
const LOOK_SECONDS = { first: 8, others: 3 }
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
  expectedSeconds: { once: 0, perRound: 340 },
  run,
}

async function run({ storages, options, figuresOf }: Surroundings): Promise<Result> {
  const rounds = roundsOf(pairs, options)
  const ends = endsOf(figuresOf('ceiling'))
  const steps: StepFigures[] = []
  const oracles: OracleFigures[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of rotated(contestantsOf(options), round)) {
      progress(`pairs, round ${round} of ${rounds}: ${contestant.name}`)
      await storages.lend(async (storage) => {
        const pairCount = options.isShort ? 20 : 500
        const run = await PairsRun.open({ contestant, storages, storage, pairCount, generatorCount: 1 })
        for (const [index, perSecond] of ratesFor(contestant.name, RATES, ends).entries()) {
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
  return resultOf({ steps, oracles, ends })
}

/** Who is compared; the Tally of another checkout next to that of this one. */
function contestantsOf(options: RunOptions): Contestant[] {
  const [first, ...others] = chosen(CANDIDATES, options)
  const before = options.against === undefined ? [] : [tallyBefore(options.against)]
  return [...(first === undefined ? [] : [first]), ...before, ...others]
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

/** Everything that the result is made of. @param ends what each one held when `ceiling` was measured. */
type PairsFigures = { steps: readonly StepFigures[]; oracles: readonly OracleFigures[]; ends: Ends }

function resultOf({ steps: all, oracles, ends }: PairsFigures): Result {
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
    highlights: highlightsOf(steps, RATES),
    bars: barsOf(all, oracles, RATES),
    tables: [
      ratioTable(steps, names, ends),
      ...RATES.map((rate) => latencyTable(steps, { rate, names, oracles })),
      ...partsTables(steps, RATES),
    ],
    plots: partsPlot(steps, RATES),
    notes: [
      ...PEERS.filter(({ name }) => names.includes(name)).map(
        ({ name, about }) => `\`${name}\` is ${about}.`,
      ),
      ...beforeAndAfter(steps, RATES),
      ...lossNotes(oracles),
      ...partsNotes(steps, RATES),
      ...limited.map((step) => `One round is void and left out: ${limitOf(step)}.`),
    ],
    voidBecause: unproven.map(limitOf),
    figures: { steps: all, oracles, ends },
  }
}

function limitOf({ contestant, perSecond, limitedBy }: StepFigures): string {
  return `\`${contestant}\` at ${perSecondText(perSecond)}: ${limitedBy}`
}

/** Whose messages cannot be looked for one by one. */
function lossNotes(oracles: readonly OracleFigures[]): string[] {
  const [known, others] = [oracles.filter(({ isById }) => isById), oracles.filter(({ isById }) => !isById)]
  const counted = new Set(others.map(({ contestant }) => contestant).filter((name) => name !== nothing.name))
  if (counted.size === 0) return []
  const names = [...counted].map((name) => `\`${name}\``).join(', ')
  const better =
    known.length === 0 ? '' : '; of the others each message is looked for by the name that its sender gave it'
  return [`Of ${names} only how many messages came and how many are stored are compared${better}.`]
}

function ratioTable(steps: readonly StepFigures[], names: readonly string[], ends: Ends): Table {
  const isBeyond = (contestant: string, rate: number): boolean =>
    isBeyondEnd(stepsAt(steps, { contestant, rate }), rate, ends[contestant])
  const ratio = (contestant: string, rate: number, of: (step: StepFigures) => number): string => {
    const value =
      middle(steps, { contestant, rate }, of) / middle(steps, { contestant: tallyRedis.name, rate }, of)
    if (Number.isNaN(value)) return '–'
    if (isBeyond(contestant, rate)) return 'beyond its end'
    return isBeyond(tallyRedis.name, rate) ? '–' : `${value.toFixed(2)} ×`
  }
  return {
    caption: `How long a badge takes, as a multiple of \`${tallyRedis.name}\``,
    head: [
      '',
      ...RATES.flatMap((rate) => [`p50 at ${perSecondText(rate)}`, `p99 at ${perSecondText(rate)}`]),
    ],
    rows: names.map((name) => [
      `\`${name}\``,
      ...RATES.flatMap((rate) => [ratio(name, rate, p50), ratio(name, rate, p99)]),
    ]),
  }
}

function latencyTable(
  steps: readonly StepFigures[],
  { rate, names, oracles }: { rate: number; names: readonly string[]; oracles: readonly OracleFigures[] },
): Table {
  const rows = names.flatMap((name) => {
    const own = stepsAt(steps, { contestant: name, rate })
    if (own.length === 0) return []
    const of = (pick: (step: StepFigures) => number): number => median(own.map(pick))
    const faults = oracles.filter(({ contestant }) => contestant === name)
    const sum = (key: 'wrong' | 'lost'): number => faults.reduce((total, oracle) => total + oracle[key], 0)
    return [
      [
        `\`${name}\``,
        ms(of(p50)),
        ms(of(p99)),
        spreadAt(steps, { contestant: name, rate }, p99),
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
