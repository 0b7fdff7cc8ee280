import type { BurstLoad, BurstSeen, BurstsSeen } from '../load/burst-load.ts'
import { Generator } from '../load/generator.ts'
import { limitedSteps } from '../measure/generator-limit.ts'
import { type Latencies, latencies, median } from '../measure/percentiles.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type Contestant, singleCte, tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import { makePairs } from './pairs-run.ts'
import { chosen, roundsOf, type Scenario, type Surroundings } from './scenario.ts'
import { withTally } from './with-tally.ts'

const MESSAGES = 100
const WITHIN_MS = 100
/** Over all rounds. */
const PEOPLE = 100
const CANDIDATES = [tallyRedis, singleCte]

export const burst: Scenario = {
  name: 'burst',
  about: '100 messages in 100 ms to one person, 100 people one after the other over all rounds',
  expectedSeconds: { once: 4, perRound: 16 },
  run,
}

type Burst = {
  contestant: string
  seen: readonly BurstSeen[]
  /** Of one message alone. */
  single: readonly BurstSeen[]
  lag: Latencies
  processorShare: number
  oracles: readonly Oracle[]
}

async function run(surroundings: Surroundings): Promise<Result> {
  const { options } = surroundings
  const rounds = roundsOf(burst, options)
  const bursts: Burst[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of chosen(CANDIDATES, options)) {
      progress(`burst, round ${round} of ${rounds}: ${contestant.name}`)
      bursts.push(await measure(surroundings, contestant))
    }
  }
  return resultOf(bursts)
}

async function measure(surroundings: Surroundings, contestant: Contestant): Promise<Burst> {
  const { isShort, rounds } = surroundings.options
  const pairCount = isShort ? 2 : Math.ceil(PEOPLE / rounds)
  const { result, oracles } = await withTally(
    surroundings,
    async ({ url }): Promise<[single: BurstsSeen, many: BurstsSeen]> => {
      const pairs = await makePairs(contestant, url, await makePeople(pairCount * 2))
      const generator = new Generator<BurstLoad>('burst-load.ts')
      try {
        await generator.ask('open', { url, pairs })
        // One alone: what a frame for each message would weigh. It warms everybody up, too.
        const single = await generator.ask('burst', { messages: 1, withinMs: 1, people: 10 })
        const many = await generator.ask('burst', {
          messages: MESSAGES,
          withinMs: WITHIN_MS,
          people: pairCount,
        })
        return [single, many]
      } finally {
        generator.stop()
      }
    },
    { contestant },
  )
  const [{ seen: single }, { seen, lagMs, processorShare }] = result
  const lag = latencies([...lagMs])
  return { contestant: contestant.name, seen, single, lag, processorShare, oracles }
}

/** Of each contestant, over all rounds. */
function rowsOf(bursts: readonly Burst[]) {
  return [...Map.groupBy(bursts, ({ contestant }) => contestant)].map(([contestant, own]) => {
    // Of everybody in all rounds: a p99 of a third of them would be the slowest.
    const of = (pick: (seen: BurstSeen) => number): Latencies =>
      latencies(own.flatMap(({ seen }) => seen.map(pick)))
    const first = of(({ firstMs }) => firstMs)
    const bytesOf = (seen: readonly BurstSeen[]): number => median(seen.map(({ bytes }) => bytes))
    return {
      contestant,
      firstP50: first.p50,
      firstP99: first.p99,
      lastP99: of(({ lastMs }) => lastMs).p99,
      frames: Math.max(...own.flatMap(({ seen }) => seen.map(({ badgeFrames }) => badgeFrames))),
      framesMedian: of(({ badgeFrames }) => badgeFrames).p50,
      bytes: of(({ bytes }) => bytes).p50,
      byteShare: median(own.map(({ seen, single }) => bytesOf(seen) / (bytesOf(single) * MESSAGES))),
      inexact: own.reduce((sum, { seen }) => sum + seen.filter(({ isExact }) => !isExact).length, 0),
    }
  })
}

function resultOf(bursts: readonly Burst[]): Result {
  const rows = rowsOf(bursts)
  const ours = rows.find(({ contestant }) => contestant === tallyRedis.name)
  return {
    scenario: 'burst',
    title: 'A burst of messages',
    what: `${MESSAGES} messages in ${WITHIN_MS} ms to one person who has the room closed; one person after the other.`,
    bars:
      ours === undefined
        ? []
        : [
            bar(
              'first badge ≤ 10 ms p99',
              `${(ours.firstP99 / 10).toFixed(2)} of the bar: ${ours.firstP99.toFixed(1)} ms`,
              ours.firstP99 <= 10,
            ),
            bar('≤ 6 badge frames each', `${ours.frames} at most`, ours.frames <= 6),
            {
              mustHold: true,
              promise: 'the last frame is exact',
              measured: `${ours.inexact} were not`,
              held: ours.inexact === 0,
            },
            bar(
              'bytes on the wire ≤ 40 % of one frame per message',
              `${(ours.byteShare / 0.4).toFixed(2)} of the bar: ${(ours.byteShare * 100).toFixed(1)} %`,
              ours.byteShare <= 0.4,
            ),
            oracleBar(bursts.flatMap(({ oracles }) => oracles)),
          ],
    tables: [
      {
        caption:
          'Everybody of all rounds; complete: since the last message; frames: the most that anybody got',
        head: [
          '',
          'first badge p50',
          'p99',
          'complete p99',
          'badge frames, median',
          'most',
          'bytes for somebody',
          'of a frame each',
          'last one wrong',
        ],
        rows: rows.map((row) => [
          `\`${row.contestant}\``,
          `${row.firstP50.toFixed(1)} ms`,
          `${row.firstP99.toFixed(1)} ms`,
          `${row.lastP99.toFixed(0)} ms`,
          row.framesMedian,
          row.frames,
          Math.round(row.bytes).toLocaleString('en-US'),
          `${(row.byteShare * 100).toFixed(1)} %`,
          row.inexact,
        ]),
      },
    ],
    plots: plotsOf(rows),
    notes: [],
    voidBecause: limitedSteps(
      bursts.map(({ contestant, processorShare, lag, seen }) => ({
        ...{ contestant, processorShare, lagP99: lag.p99 },
        p99: latencies(seen.map(({ firstMs }) => firstMs)).p99,
      })),
      ({ contestant }) => contestant,
    ),
    figures: bursts,
  }
}

function bar(promise: string, measured: string, held: boolean): Result['bars'][number] {
  return { promise, measured, held }
}

function plotsOf(rows: readonly { contestant: string; frames: number; bytes: number }[]): Result['plots'] {
  const strong = [tallyRedis.name]
  return [
    barPlot(
      {
        name: 'burst-frames',
        title: `Badge frames for ${MESSAGES} messages, at most`,
        label: 'frames',
        strong,
      },
      rows.map(({ contestant, frames }) => [contestant, frames]),
    ),
    barPlot(
      { name: 'burst-bytes', title: `Bytes on the wire for ${MESSAGES} messages`, label: 'bytes', strong },
      rows.map(({ contestant, bytes }) => [contestant, bytes]),
    ),
  ]
}
