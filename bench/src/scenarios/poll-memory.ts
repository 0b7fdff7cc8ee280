import { setTimeout as delay } from 'node:timers/promises'
import { Generator } from '../load/generator.ts'
import type { PollLoad, PollSeen } from '../load/poll-load.ts'
import { generatorLimit } from '../measure/generator-limit.ts'
import { latencies, median } from '../measure/percentiles.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

const CLIENTS = 1_000
const WRITERS = 20
const ROOMS_EACH = 10
/** 1,000 people as often as the server asks them to when nothing happens, as often as where people talk, and more. */
const RATES = [200, 2_000]
const P99_MAX_MS = 100

export const pollMemory: Scenario = {
  name: 'poll-memory',
  about: '1,000 people poll and nothing is new: as they do, and with every answer read from the database',
  expectedSeconds: { once: 32, perRound: 0 },
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
  const measured = await withTally(surroundings, async (lent) => {
    const generator = await open(lent, count)
    const rest = await Window.open(lent.running, surroundings.storages)
    await delay(isShort ? 100 : 4_000)
    const calm = await rest.close()
    const steps: Step[] = []
    try {
      for (const forgetful of [false, true]) {
        for (const perSecond of rates) {
          const window = await Window.open(lent.running, surroundings.storages)
          const seen = await generator.ask('step', { perSecond, seconds, changed: 0, forgetful })
          // A backend of PostgreSQL tells of its transactions a second late.
          await delay(isShort ? 0 : 1_500)
          const step = { ...figuresOf(seen), ...(await window.close()), perSecond, forgetful }
          steps.push(step)
          progress(
            `poll-memory ${perSecond}/s${forgetful ? ', nothing remembered' : ''}: p99 ${step.p99.toFixed(1)} ms, server ${step.serverShare.toFixed(2)}, failed ${step.failed}`,
          )
        }
      }
    } finally {
      generator.stop()
    }
    return { steps, calm }
  })
  return resultOf({ ...measured, count })
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

/** Step by step; beside it a while without polls. */
type Figures = { steps: readonly Step[]; calm: WindowFigures; count: number }

function resultOf({ steps, calm, count }: Figures): Result {
  const polls = ({ unchanged, answered }: Step) => unchanged + answered
  const perPoll = (step: Step, what: 'transactions' | 'redisCommands') =>
    Math.max(0, step[what] - (calm[what] / calm.seconds) * step.seconds) / Math.max(1, polls(step))
  const cpuMs = (step: Step) =>
    (step.serverShare + step.databaseShare + step.redisShare) * step.seconds * 1_000
  const remembered = steps.filter(({ forgetful }) => !forgetful)
  // The middle one: a backend of PostgreSQL tells of its transactions late, so a step may be told of those before it.
  const queries = median(remembered.map((step) => perPoll(step, 'transactions')))
  return {
    scenario: 'poll-memory',
    title: 'Polling, with and without what the server remembers',
    what: `${count.toLocaleString('en-US')} people with ${ROOMS_EACH} rooms each, to whom nothing happens, ask \`GET /v1/sync\`: with the rev and the tag of what they have, and, for comparison, without, so that every answer is read from the database.`,
    bars: [
      {
        promise: '0 database queries for a poll that finds nothing new',
        measured: `${queries.toFixed(4)} per poll`,
        held: queries < 0.005,
      },
    ],
    tables: [
      {
        caption: 'Poll by poll',
        head: [
          'answered from',
          'polls/s',
          'p50',
          'p99',
          '304',
          'failed',
          'Redis commands',
          'transactions',
          'processor time of all',
        ],
        rows: steps.map((step) => [
          step.forgetful ? 'the database' : 'the ledger',
          step.perSecond,
          `${step.p50.toFixed(1)} ms`,
          `${step.p99.toFixed(1)} ms`,
          step.unchanged,
          step.failed,
          `${perPoll(step, 'redisCommands').toFixed(2)} per poll`,
          `${perPoll(step, 'transactions').toFixed(2)} per poll`,
          `${(cpuMs(step) / Math.max(1, polls(step))).toFixed(2)} ms per poll`,
        ]),
      },
    ],
    plots: [],
    notes: [
      'Redis counts the commands inside of a script, too: a poll is one script.',
      'Processor time is that of the server, PostgreSQL and Redis together, what they do without polls included.',
    ],
    voidBecause: remembered
      .filter(({ p99, failed }) => p99 <= P99_MAX_MS && failed === 0)
      .flatMap(({ perSecond, processorShare: generatorShare, lagP99: lagP99Ms, p99: latencyP99Ms }) => {
        const why = generatorLimit({ generatorShare, lagP99Ms, latencyP99Ms })
        return why === undefined ? [] : [`${perSecond} polls/s: ${why}`]
      }),
    figures: { steps, calm, count },
  }
}
