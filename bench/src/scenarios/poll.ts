import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad } from '../load/crowd-load.ts'
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

const RATES = [4_000, 8_000, 10_000, 12_000, 15_000]
const P99_MAX_MS = 100
const BAR_PER_SECOND = 10_000
const WRITERS = 20
const BACKLOG_MS = 8_000

export const poll: Scenario = {
  name: 'poll',
  about: '5,000 people poll: nothing new, one in ten changed; beside them as many on websockets',
  expectedSeconds: { once: 56, perRound: 0 },
  run,
}

type Step = Omit<PollSeen, 'pollMs' | 'lagMs'> &
  WindowFigures & { perSecond: number; changed: number; p50: number; p99: number; lagP99: number }

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const count = isShort ? 20 : 5_000
  const seconds = isShort ? 0.5 : 2.5 * scale
  const rates = isShort ? [50] : RATES
  const measured = await withTally(
    surroundings,
    async (lent) => {
      const generator = await open(lent, count)
      const calm = await Window.open(lent.running, surroundings.storages)
      await delay(isShort ? 100 : 4_000)
      const rest = await calm.close()
      const steps: Step[] = []
      try {
        for (const changed of [0, 0.1]) {
          for (const perSecond of rates) {
            const window = await Window.open(lent.running, surroundings.storages)
            const seen = await generator.ask('step', { perSecond, seconds, changed })
            const step = { ...figuresOf(seen), ...(await window.close()), perSecond, changed }
            steps.push(step)
            progress(
              `poll ${perSecond}/s, ${changed * 100} % changed: p99 ${step.p99.toFixed(0)} ms, server ${step.serverShare.toFixed(2)}, generator ${step.processorShare.toFixed(2)}, failed ${step.failed}`,
            )
            if (!isHeld(step)) break
          }
          // What an overloaded step left behind must not be the next one's.
          if (steps.at(-1)?.failed !== 0) await delay(BACKLOG_MS)
        }
      } finally {
        generator.stop()
      }
      return { steps, rest, sockets: await onSockets(lent, surroundings, count) }
    },
    { settings: { TALLY_CONNECTIONS_PER_SECOND: '5000' } },
  )
  return resultOf({ ...measured, count })
}

async function open({ storage, url }: Lent, count: number): Promise<Generator<PollLoad>> {
  const clients = await makePeople(count, 'poller')
  const writers = await makePeople(WRITERS, 'writer')
  const rooms = clients.map(({ userId }, index) => ({
    roomId: `polled-${index}`,
    userIds: [userId, writers[index % WRITERS]?.userId ?? ''],
  }))
  await withDatabase(storage.databaseUrl, async (database) => {
    await seedPeople(
      database,
      [...clients, ...writers].map(({ userId }) => userId),
    )
    await seedRooms(database, rooms)
    await database.query('analyze')
  })
  const generator = new Generator<PollLoad>('poll-load.ts')
  await generator.ask('open', { url, clients, writers, rooms: rooms.map(({ roomId }) => roomId) })
  return generator
}

/** What as many people cost who are connected and hear of it by themselves. */
async function onSockets(
  { url, running }: Lent,
  { storages, options }: Surroundings,
  count: number,
): Promise<WindowFigures> {
  const crowd = new Generator<CrowdLoad>('crowd-load.ts')
  try {
    await crowd.ask('connect', { url, people: await makePeople(count, 'poller'), atOnce: 200 })
    await delay(options.isShort ? 100 : 2_000)
    const window = await Window.open(running, storages)
    await delay(options.isShort ? 100 : 6_000)
    return await window.close()
  } finally {
    crowd.stop()
  }
}

function figuresOf({
  pollMs,
  lagMs,
  ...seen
}: PollSeen): Omit<Step, keyof WindowFigures | 'perSecond' | 'changed'> {
  const { p50, p99 } = latencies([...pollMs])
  return { ...seen, p50, p99, lagP99: latencies([...lagMs]).p99 }
}

function isHeld({ p99, failed }: Step): boolean {
  return p99 <= P99_MAX_MS && failed === 0
}

/** Rate by rate; beside it a while without polls, and one with as many people on websockets. */
export type PollFigures = {
  steps: readonly Step[]
  rest: WindowFigures
  sockets: WindowFigures
  count: number
}

function resultOf({ steps, rest, sockets, count }: PollFigures): Result {
  const still = steps.filter(({ changed }) => changed === 0)
  const best = still.filter(isHeld).at(-1)
  const perCore = Math.max(
    0,
    ...still.filter(isHeld).map(({ perSecond, serverShare }) => perSecond / serverShare),
  )
  const restPerSecond = rest.transactions / rest.seconds
  // The middle one: a backend of PostgreSQL tells of its transactions late, so some steps are told of those before them.
  const queries = Math.max(
    0,
    median(
      still.filter(isHeld).map(({ transactions, seconds, unchanged }) => {
        return (transactions - restPerSecond * seconds) / unchanged
      }),
    ),
  )
  const nextPollMs = still[0]?.nextPollMs ?? Number.NaN
  const perPollMs = best === undefined ? Number.NaN : (best.serverShare * 1_000) / best.perSecond
  const polling = (perPollMs * 1_000) / nextPollMs
  const socket = (sockets.serverShare * 1_000) / count
  return {
    scenario: 'poll',
    title: 'Polling',
    what: `${count.toLocaleString('en-US')} people, each on a connection of their own, ask \`GET /v1/sync?since=\` with the tag of what they have. The rate rises until p99 is above ${P99_MAX_MS} ms.`,
    bars: [
      {
        promise: '≥ 10,000 requests/s on one core, nothing new',
        measured: `${(best?.perSecond ?? 0).toLocaleString('en-US')}/s held with ${best?.serverShare.toFixed(2) ?? '–'} of a core; ${Math.round(perCore).toLocaleString('en-US')}/s per core (${(perCore / BAR_PER_SECOND).toFixed(2)} of the bar)`,
        held: perCore >= BAR_PER_SECOND,
      },
      {
        promise: '0 database queries for the unchanged',
        measured: `${queries.toFixed(4)} per poll`,
        held: queries < 0.005,
      },
    ],
    tables: [
      {
        caption: 'Rate by rate',
        head: [
          'changed',
          'polls/s',
          'p50',
          'p99',
          'not changed',
          'failed',
          'server, cores',
          'database',
          'generator, cores',
        ],
        rows: steps.map((step) => [
          `${step.changed * 100} %`,
          step.perSecond,
          `${step.p50.toFixed(1)} ms`,
          `${step.p99.toFixed(1)} ms`,
          step.unchanged,
          step.failed,
          step.serverShare.toFixed(2),
          step.databaseShare.toFixed(2),
          step.processorShare.toFixed(2),
        ]),
      },
      {
        caption: 'Processor time of the server for somebody to whom nothing happens, in ms per second',
        head: ['', ''],
        rows: [
          [`polls every ${(nextPollMs / 1_000).toFixed(0)} s, as the server asks`, polling.toFixed(3)],
          ['on a websocket', socket.toFixed(3)],
          ['a poll, by itself', perPollMs.toFixed(3)],
        ],
      },
    ],
    plots: [],
    notes: [],
    voidBecause: steps.filter(isHeld).flatMap(({ perSecond, ...step }) => {
      const { processorShare: generatorShare, lagP99: lagP99Ms, p99: latencyP99Ms } = step
      const why = generatorLimit({ generatorShare, lagP99Ms, latencyP99Ms })
      return why === undefined ? [] : [`${perSecond} polls/s: ${why}`]
    }),
    figures: { steps, rest, sockets, count },
  }
}
