import { Generator } from '../load/generator.ts'
import type { PollLoad, PollSeen } from '../load/poll-load.ts'
import { type CallFigures, countCalls, REST_MS } from '../measure/call-count.ts'
import { limitedSteps } from '../measure/generator-limit.ts'
import { latencies } from '../measure/percentiles.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { queriesText } from '../report/statement-table.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

const CLIENTS = 1_000
const WRITERS = 20
const ROOMS_EACH = 10
/** 1,000 people as often as the server asks them to when nothing happens, as often as where people talk, and more. */
const RATES = [200, 2_000]
const P99_MAX_MS = 100
/** All rates, so many times: what the server asks by itself is not the same in every second. */
const TURNS = 2

export const pollMemory: Scenario = {
  name: 'poll-memory',
  about: '1,000 people poll and nothing is new: as they do, and with every answer read from the database',
  expectedSeconds: { once: 55, perRound: 0 },
  run,
}

type Step = WindowFigures & {
  perSecond: number
  forgetful: boolean
  p50: number
  p99: number
  lagP99: number
} & Pick<PollSeen, 'unchanged' | 'answered' | 'failed' | 'processorShare'>

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const count = isShort ? 20 : CLIENTS
  const rates = isShort ? [50] : RATES
  const seconds = isShort ? 0.5 : 3 * scale
  const { result, oracles } = await withTally(surroundings, async (lent) => {
    const generator = await open(lent, count)
    const steps: Step[] = []
    const calls: Calls[] = []
    try {
      for (const forgetful of [false, true]) {
        // One that nobody looks at, for the compiler.
        await generator.ask('step', { perSecond: rates[0] ?? 0, seconds, changed: 0, forgetful })
        const climb = async (): Promise<Step[]> => {
          const climbed: Step[] = []
          for (const perSecond of rates) {
            const window = await Window.open(lent.running, surroundings.storages)
            const seen = await generator.ask('step', { perSecond, seconds, changed: 0, forgetful })
            const step = { ...figuresOf(seen), ...(await window.close()), perSecond, forgetful }
            climbed.push(step)
            progress(
              `poll-memory ${perSecond}/s${forgetful ? ', nothing remembered' : ''}: p99 ${step.p99.toFixed(1)} ms, server ${step.serverShare.toFixed(2)}, failed ${step.failed}`,
            )
          }
          return climbed
        }
        // Those that are read from the database are there to be compared with: one turn is enough.
        const turns = { turns: forgetful || isShort ? 1 : TURNS, restMs: isShort ? 100 : REST_MS }
        const counted = await countCalls(surroundings.storages, turns, climb)
        const [climbed = []] = counted.loads
        steps.push(...climbed)
        calls.push({ ...counted.calls, forgetful })
      }
    } finally {
      generator.stop()
    }
    return { steps, calls }
  })
  return resultOf({ ...result, count }, oracles)
}

async function open({ storage, url }: Lent, count: number): Promise<Generator<PollLoad>> {
  const clients = await makePeople(count, 'poller')
  const writers = await makePeople(WRITERS, 'writer')
  const rooms = clients.flatMap(({ userId }, index) =>
    Array.from({ length: ROOMS_EACH }, (_, room) => ({
      roomId: `polled-${index}-${room}`,
      userIds: [userId, writers[(index + room) % WRITERS]?.userId ?? ''],
    })),
  )
  await withDatabase(storage.databaseUrl, async (database) => {
    await seedPeople(
      database,
      [...clients, ...writers].map(({ userId }) => userId),
    )
    await seedRooms(database, rooms)
    await database.query('analyze')
  })
  const generator = new Generator<PollLoad>('poll-load.ts')
  await generator.ask('open', { url, clients, writers: [], rooms: [] })
  return generator
}

function figuresOf({ pollMs, lagMs, unchanged, answered, failed, processorShare }: PollSeen) {
  const { p50, p99 } = latencies([...pollMs])
  return { unchanged, answered, failed, processorShare, p50, p99, lagP99: latencies([...lagMs]).p99 }
}

/** What all steps of one kind asked of the databases. */
type Calls = CallFigures & { forgetful: boolean }

type Figures = { steps: readonly Step[]; calls: readonly Calls[]; count: number }

function resultOf({ steps, calls, count }: Figures, oracles: readonly Oracle[]): Result {
  const polls = ({ unchanged, answered }: Step): number => unchanged + answered
  const cpuMs = (step: Step): number =>
    (step.serverShare + step.databaseShare + step.redisShare) * step.seconds * 1_000
  const remembered = steps.filter(({ forgetful }) => !forgetful)
  const asked = calls.map(({ forgetful, ...kind }) => {
    const own = steps.filter((step) => step.forgetful === forgetful)
    const all = own.reduce((sum, step) => sum + polls(step), 0)
    return {
      ...{ forgetful, calls: kind, polls: all },
      redisCommandsPerPoll: kind.redisCommands / all,
      queriesPerPoll: kind.queries / all,
    }
  })
  const unchanged = asked.find(({ forgetful }) => !forgetful)
  const nameOf = (forgetful: boolean): string => (forgetful ? 'the database' : 'the ledger')
  return {
    scenario: 'poll-memory',
    title: 'Polling, with and without what the server remembers',
    what: `${count.toLocaleString('en-US')} people with ${ROOMS_EACH} rooms each, to whom nothing happens, ask \`GET /v1/sync\`: with the rev and the tag of what they have, and, for comparison, without, so that every answer is read from the database.`,
    bars: [
      {
        promise: '0 database queries for a poll that finds nothing new',
        measured: unchanged === undefined ? 'NaN' : queriesText(unchanged.calls, unchanged.polls),
        held: unchanged?.calls.queries === 0,
      },
      oracleBar(oracles),
    ],
    tables: [
      {
        caption: 'Poll by poll',
        head: ['answered from', 'polls/s', 'p50', 'p99', '304', 'failed', 'processor time of all'],
        rows: steps.map((step) => [
          nameOf(step.forgetful),
          step.perSecond.toLocaleString('en-US'),
          `${step.p50.toFixed(1)} ms`,
          `${step.p99.toFixed(1)} ms`,
          step.unchanged.toLocaleString('en-US'),
          step.failed,
          `${(cpuMs(step) / Math.max(1, polls(step))).toFixed(2)} ms per poll`,
        ]),
      },
      {
        caption: 'What a poll asks, over all rates, what is asked without polls left out',
        head: ['answered from', 'polls', 'Redis commands per poll', 'database queries per poll'],
        rows: asked.map((kind) => [
          nameOf(kind.forgetful),
          kind.polls.toLocaleString('en-US'),
          kind.redisCommandsPerPoll.toFixed(2),
          kind.queriesPerPoll.toFixed(4),
        ]),
      },
    ],
    plots: [],
    notes: [
      'Redis counts the commands inside of a script, too: a poll is one script.',
      'Processor time is that of the server, PostgreSQL and Redis together, what they do without polls included.',
    ],
    voidBecause: limitedSteps(
      remembered.filter(({ p99, failed }) => p99 <= P99_MAX_MS && failed === 0),
      ({ perSecond }) => `${perSecond} polls/s`,
    ),
    figures: { steps, calls, count },
  }
}
