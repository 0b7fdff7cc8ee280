import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import type { PollLoad, PollSeen } from '../load/poll-load.ts'
import { type CallFigures, countCalls, REST_MS } from '../measure/call-count.ts'
import { limitedSteps } from '../measure/generator-limit.ts'
import { latencies, median } from '../measure/percentiles.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import type { LinePlot } from '../report/line-plot.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import { queriesText, statementTable } from '../report/statement-table.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import { type Oracle, oracleBar } from './oracle.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

/** First those of whom one in ten has news: an overload before it would be in its figures. */
const CLIMBS = [
  { changed: 0.1, rates: [500, 1_000, 2_000, 4_000, 8_000] },
  { changed: 0, rates: [4_000, 8_000, 10_000, 12_000, 15_000] },
]
const P99_MAX_MS = 100
const BAR_PER_SECOND = 10_000
const WRITERS = 20
const BACKLOG_MS = 8_000

export const poll: Scenario = {
  name: 'poll',
  about: '5,000 people poll: nothing new, one in ten changed; beside them as many on websockets',
  expectedSeconds: { once: 90, perRound: 0 },
  run,
}

/** Polls a second that no server is too slow for, and how many times they are begun anew to be counted. */
const COUNTED_RATE = 2_000
const COUNTED_TURNS = 3

type Step = Omit<PollSeen, 'pollMs' | 'lagMs'> &
  WindowFigures & { perSecond: number; changed: number; p50: number; p99: number; lagP99: number }

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const count = isShort ? 20 : 5_000
  const seconds = isShort ? 0.5 : 2.5 * scale
  const { result, oracles } = await withTally(
    surroundings,
    async (lent) => {
      const generator = await open(lent, count)
      const steps: Step[] = []
      const calm = await Window.open(lent.running, surroundings.storages)
      await delay(isShort ? 100 : 4_000)
      const rest = await calm.close()
      try {
        const measure = async (perSecond: number, changed: number): Promise<Step> => {
          const window = await Window.open(lent.running, surroundings.storages)
          const seen = await generator.ask('step', { perSecond, seconds, changed })
          return { ...figuresOf(seen), ...(await window.close()), perSecond, changed }
        }
        // Before anything is too much: who got no answer then has their copy made anew, which is not the cost of a poll.
        const counted = await countPolls(surroundings, () => measure(isShort ? 50 : COUNTED_RATE, 0))
        for (const { changed, rates } of CLIMBS) {
          const climbed = await climb(measure, changed, isShort ? [50] : rates)
          steps.push(...climbed)
          // What an overloaded step left behind must not be the next one's.
          if (climbed.at(-1)?.failed !== 0) await delay(BACKLOG_MS)
        }
        generator.stop()
        return { steps, rest, counted, sockets: await onSockets(lent, surroundings, count) }
      } finally {
        generator.stop()
      }
    },
    { settings: { TALLY_CONNECTIONS_PER_SECOND: '5000' } },
  )
  return resultOf({ ...result, count }, oracles)
}

/** Rate by rate until one is not held; before them one that nobody looks at, for the compiler. */
async function climb(
  measure: (perSecond: number, changed: number) => Promise<Step>,
  changed: number,
  rates: readonly number[],
): Promise<Step[]> {
  await measure(rates[0] ?? 0, changed)
  const steps: Step[] = []
  for (const perSecond of rates) {
    const step = await measure(perSecond, changed)
    steps.push(step)
    progress(
      `poll ${perSecond}/s, ${changed * 100} % changed: p99 ${step.p99.toFixed(0)} ms, server ${step.serverShare.toFixed(2)}, generator ${step.processorShare.toFixed(2)}, failed ${step.failed}`,
    )
    if (!isHeld(step)) break
  }
  return steps
}

/** What polls ask of the databases to which nothing is new. */
async function countPolls(
  { storages, options: { isShort } }: Surroundings,
  measure: () => Promise<Step>,
): Promise<Counted> {
  // Everybody has an answer, and the compiler has seen the code.
  await measure()
  const turns = isShort ? { turns: 1, restMs: 100 } : { turns: COUNTED_TURNS, restMs: REST_MS }
  const { loads, calls } = await countCalls(storages, turns, measure)
  const polls = median(loads.map(({ unchanged, answered }) => unchanged + answered))
  progress(`poll: ${calls.queries.toFixed(0)} queries for ${polls} unchanged polls`)
  return { polls, calls }
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

function isHeld({ p99, failed }: Pick<Step, 'p99' | 'failed'>): boolean {
  return p99 <= P99_MAX_MS && failed === 0
}

/** What polls without news asked of the databases, and how many there were in each turn. */
type Counted = { polls: number; calls: CallFigures }

/** Rate by rate; beside it a while without polls, and one with as many people on websockets. */
export type PollFigures = {
  steps: readonly Step[]
  rest: WindowFigures
  counted: Counted
  sockets: WindowFigures
  count: number
}

function resultOf(poll: PollFigures, oracles: readonly Oracle[]): Result {
  const { steps, rest, counted, sockets, count } = poll
  const still = steps.filter(({ changed }) => changed === 0)
  const best = still.filter(isHeld).at(-1)
  const perCore = Math.max(
    0,
    ...still.filter(isHeld).map(({ perSecond, serverShare }) => perSecond / serverShare),
  )
  const news = steps.filter((step) => step.changed > 0)
  const changed = news.filter(isHeld).at(-1)
  const nextPollMs = still[0]?.nextPollMs ?? Number.NaN
  const perPollMs =
    best === undefined ? Number.NaN : ((best.serverShare - rest.serverShare) * 1_000) / best.perSecond
  const polling = (perPollMs * 1_000) / nextPollMs
  const socket = ((sockets.serverShare - rest.serverShare) * 1_000) / count
  return {
    scenario: 'poll',
    title: 'Polling',
    what: `${count.toLocaleString('en-US')} people, each on a connection of their own, ask \`GET /v1/sync?since=\` with the tag of what they have. The rate rises until p99 is above ${P99_MAX_MS} ms or the list of rates ends: ${climbText(still, 'with nothing new')}; ${climbText(news, 'with one in ten changed')}.`,
    bars: [
      {
        promise: '≥ 10,000 requests/s on one core, nothing new',
        measured: `${heldText(still)} held with ${best?.serverShare.toFixed(2) ?? '–'} of a core; ${Math.round(perCore).toLocaleString('en-US')}/s per core (${(perCore / BAR_PER_SECOND).toFixed(2)} of the bar)`,
        held: perCore >= BAR_PER_SECOND && (best?.perSecond ?? 0) >= BAR_PER_SECOND,
      },
      {
        promise: '0 database queries for the unchanged',
        measured: queriesText(counted.calls, counted.polls),
        held: counted.calls.queries === 0,
      },
      newsBar(steps),
      oracleBar(oracles),
    ],
    tables: [
      rateTable(steps),
      {
        caption:
          'Processor time of the server for somebody to whom nothing happens, in ms per second, what it does without them left out',
        head: ['', ''],
        rows: [
          [`polls every ${(nextPollMs / 1_000).toFixed(0)} s, as the server asks`, ms(polling)],
          ['on a websocket', ms(socket)],
          ['a poll, by itself', ms(perPollMs)],
        ],
      },
      statementTable(counted.calls, { count: counted.polls, each: 'poll' }),
    ],
    plots: [plotOf(steps)],
    notes: [
      `With one in ten changed ${heldText(news)} were held, with ${changed?.serverShare.toFixed(2) ?? '–'} of a core.`,
    ],
    voidBecause: limitedSteps(steps.filter(isHeld), ({ perSecond }) => `${perSecond} polls/s`),
    figures: { ...poll, oracles },
  }
}

/** Of all rates together. An answer that tells of less than was accepted a while before is quick and wrong. */
export function newsBar(steps: readonly Pick<Step, 'newsSent' | 'newsRefused' | 'newsMissed'>[]): Bar {
  const sum = (key: 'newsSent' | 'newsRefused' | 'newsMissed'): number =>
    steps.reduce((total, step) => total + step[key], 0)
  const [sent, refused, missed] = [sum('newsSent'), sum('newsRefused'), sum('newsMissed')]
  return {
    mustHold: true,
    promise: 'every message to those who poll is accepted, and a poll a moment later tells of it',
    measured: `${sent.toLocaleString('en-US')} sent, ${refused} refused or unanswered; ${missed} polls told of less`,
    held: refused + missed === 0,
  }
}

function rateTable(steps: readonly Step[]): Table {
  return {
    caption: 'Rate by rate; news is a message to somebody just before they poll',
    head: [
      ...['changed', 'polls/s', 'p50', 'p99', 'not changed', 'answered', 'failed'],
      ...['news sent', 'news refused or unanswered', 'polls that told of less'],
      ...['server, cores', 'database', 'generator, cores'],
    ],
    rows: steps.map((step) => [
      `${step.changed * 100} %`,
      step.perSecond.toLocaleString('en-US'),
      `${step.p50.toFixed(1)} ms`,
      `${step.p99.toFixed(1)} ms`,
      step.unchanged.toLocaleString('en-US'),
      step.answered.toLocaleString('en-US'),
      step.failed,
      step.newsSent.toLocaleString('en-US'),
      step.newsRefused,
      step.newsMissed,
      step.serverShare.toFixed(2),
      step.databaseShare.toFixed(2),
      step.processorShare.toFixed(2),
    ]),
  }
}

/** How far it went, and whether it was the rates that ended and not the server. */
export function heldText(steps: readonly Pick<Step, 'perSecond' | 'p99' | 'failed'>[]): string {
  const held = steps.filter(isHeld).at(-1)?.perSecond ?? 0
  const isListEnded = held > 0 && held === steps.at(-1)?.perSecond
  return `${held.toLocaleString('en-US')}/s${isListEnded ? ', the highest tried,' : ''}`
}

function climbText(steps: readonly Step[], how: string): string {
  return `up to ${heldText(steps)} ${how}`
}

function plotOf(steps: readonly Step[]): LinePlot {
  const series = [...Map.groupBy(steps, ({ changed }) => changed)].flatMap(([changed, own]) =>
    (['p50', 'p99'] as const).map((key) => ({
      name: `${key}, ${changed * 100} % changed`,
      points: own
        .toSorted((one, other) => one.perSecond - other.perSecond)
        .map((step) => [step.perSecond, step[key]] as const),
    })),
  )
  return {
    ...{ kind: 'lines', name: 'poll', title: 'How long a poll takes while the rate rises', series },
    x: { label: 'polls a second', isLog: true },
    y: { label: 'ms', isLog: true },
    levels: [{ name: 'given up', y: P99_MAX_MS }],
  }
}

const ms = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3))
