import type { BurstLoad, BurstSeen } from '../load/burst-load.ts'
import { Generator } from '../load/generator.ts'
import { latencies, median } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type Contestant, singleCte, tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { makePairs } from './pairs-run.ts'
import { chosen, type Scenario, type Surroundings } from './scenario.ts'
import { withTally } from './with-tally.ts'

const MESSAGES = 100
const WITHIN_MS = 100
/** Over all rounds. */
const PEOPLE = 100
const CANDIDATES = [tallyRedis, singleCte]

export const burst: Scenario = {
  name: 'burst',
  about: '100 messages in 100 ms to one person, 100 people one after the other over all rounds',
  expectedSeconds: { once: 30, perRound: 10 },
  run,
}

type Burst = { contestant: string; seen: BurstSeen[] /** Of one message alone. */; single: BurstSeen[] }

async function run(surroundings: Surroundings): Promise<Result> {
  const { options } = surroundings
  const rounds = options.isShort ? 1 : options.rounds
  const bursts: Burst[] = []
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of chosen(CANDIDATES, options)) {
      progress(`burst, round ${round} of ${rounds}: ${contestant.name}`)
      bursts.push(await measure(surroundings, contestant))
    }
  }
  return resultOf(bursts)
}

function measure(surroundings: Surroundings, contestant: Contestant): Promise<Burst> {
  const { isShort, rounds } = surroundings.options
  const pairCount = isShort ? 2 : Math.ceil(PEOPLE / rounds)
  return withTally(
    surroundings,
    async ({ url }) => {
      const pairs = await makePairs(contestant, url, await makePeople(pairCount * 2))
      const generator = new Generator<BurstLoad>('burst-load.ts')
      try {
        await generator.ask('open', { url, pairs })
        // One alone: what a frame for each message would weigh. It warms everybody up, too.
        const single = await generator.ask('burst', { messages: 1, withinMs: 1, people: 10 })
        const seen = await generator.ask('burst', {
          messages: MESSAGES,
          withinMs: WITHIN_MS,
          people: pairCount,
        })
        return { contestant: contestant.name, seen, single }
      } finally {
        generator.stop()
      }
    },
    { contestant },
  )
}

function resultOf(bursts: readonly Burst[]): Result {
  const rows = [...Map.groupBy(bursts, ({ contestant }) => contestant)].map(([contestant, own]) => {
    const of = (pick: (burst: Burst) => number): number => median(own.map(pick))
    const bytesOf = (seen: readonly BurstSeen[]): number => median(seen.map(({ bytes }) => bytes))
    return {
      contestant,
      firstP50: of(({ seen }) => latencies(seen.map(({ firstMs }) => firstMs)).p50),
      firstP99: of(({ seen }) => latencies(seen.map(({ firstMs }) => firstMs)).p99),
      lastP99: of(({ seen }) => latencies(seen.map(({ lastMs }) => lastMs)).p99),
      frames: Math.max(...own.flatMap(({ seen }) => seen.map(({ badgeFrames }) => badgeFrames))),
      framesMedian: of(({ seen }) => median(seen.map(({ badgeFrames }) => badgeFrames))),
      byteShare: of(({ seen, single }) => bytesOf(seen) / (bytesOf(single) * MESSAGES)),
      inexact: own.reduce((sum, { seen }) => sum + seen.filter(({ isExact }) => !isExact).length, 0),
    }
  })
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
              `${ours.firstP99.toFixed(1)} ms (${(ours.firstP99 / 10).toFixed(2)} of the bar)`,
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
              `${(ours.byteShare * 100).toFixed(1)} % (${(ours.byteShare / 0.4).toFixed(2)} of the bar)`,
              ours.byteShare <= 0.4,
            ),
          ],
    tables: [
      {
        caption: 'Medians of the rounds; frames: the most that anybody got',
        head: [
          '',
          'first badge p50',
          'p99',
          'complete p99',
          'badge frames, median',
          'most',
          'bytes',
          'last one wrong',
        ],
        rows: rows.map((row) => [
          `\`${row.contestant}\``,
          `${row.firstP50.toFixed(1)} ms`,
          `${row.firstP99.toFixed(1)} ms`,
          `${row.lastP99.toFixed(0)} ms`,
          row.framesMedian,
          row.frames,
          `${(row.byteShare * 100).toFixed(1)} %`,
          row.inexact,
        ]),
      },
    ],
    plots: [],
    notes: [],
    voidBecause: [],
    figures: bursts,
  }
}

function bar(promise: string, measured: string, held: boolean): Result['bars'][number] {
  return { promise, measured, held }
}
