import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdLoad, CrowdSeen } from '../load/crowd-load.ts'
import { Generator } from '../load/generator.ts'
import { inBatches, type Person } from '../load/people.ts'
import { type CallFigures, countCalls, REST_MS } from '../measure/call-count.ts'
import { generatorLimit } from '../measure/generator-limit.ts'
import { type Latencies, latencies, median, spread } from '../measure/percentiles.ts'
import { barPlot } from '../report/bar-plot.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import { statementTable } from '../report/statement-table.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import type { Storage } from '../servers/storage.ts'
import { WireSocket } from '../wire/wire-socket.ts'
import { CONNECTIONS_PER_SECOND } from './admission.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import { roundsOf, type Scenario, type Surroundings } from './scenario.ts'

const BARS = { p99Ms: 50, caughtUpMs: 10_000, queries: 1 }
/** Messages that were written to those who are cut off, spread over their rooms. */
const MISSED = 500
/** Who comes back while nobody writes, for their queries to be counted, and how many times. */
const COUNTED = 1_000
const COUNTED_TURNS = 3

export const storm: Scenario = {
  name: 'storm',
  about: '5,000 people are cut off and come back at the same moment, while others write',
  expectedSeconds: { once: 0, perRound: 70 },
  run,
}

type Storm = {
  count: number
  calm: StepFigures
  during: StepFigures
  /** Of those messages alone that were intended while people came back. */
  duringBadge: Latencies
  back: Back
  /** Whether others wrote until the last one was back. */
  isCovered: boolean
  /** Who came back in each turn while nobody wrote, and what that asked of the database. */
  counted: number
  calls: CallFigures
  /** Messages to people who were cut off, and people whose total was wrong when they had synced. */
  missed: number
  wrongTotals: number
  oracle: OracleFigures
}

type Back = Omit<CrowdSeen, 'caughtUpMs'> & { caughtUp: Latencies }

async function run(surroundings: Surroundings): Promise<Result> {
  const rounds = roundsOf(storm, surroundings.options)
  const storms: Storm[] = []
  for (let round = 1; round <= rounds; round += 1) {
    progress(`storm, round ${round} of ${rounds}`)
    storms.push(await measure(surroundings))
  }
  return resultOf(storms)
}

function measure({ storages, options }: Surroundings): Promise<Storm> {
  const { isShort, scale } = options
  const count = isShort ? 50 : 5_000
  const perSecond = isShort ? 50 : 1_000
  return storages.lend(async (storage) => {
    // With the admission that everybody gets: it is what keeps a stampede away from the others.
    const run = await PairsRun.open({
      ...{ contestant: tallyRedis, storages, storage, generatorCount: 1 },
      pairCount: isShort ? 5 : 500,
    })
    const url = run.running.servers[0]?.url ?? ''
    const people = await makePeople(count, 'stormy')
    const writer = await openWriter({ storage, url, people })
    const crowd = new Generator<CrowdLoad>('crowd-load.ts')
    /** @returns how many messages were written to those who are cut off. */
    const cut = async (some: number): Promise<number> => {
      await crowd.ask('cut', { people: some })
      return writer.write(some)
    }
    try {
      await crowd.ask('connect', { url, people, atOnce: 200 })
      await crowd.ask('sync')
      const calm = await run.step({
        ...{ perSecond, seconds: isShort ? 1 : 8 * scale },
        warmUpSeconds: isShort ? 0.1 : 4,
      })
      const seconds = isShort ? 1 : 14 * scale
      const endsAtMs = nowMs() + seconds * 1_000
      const writing = run.step({ perSecond, seconds, warmUpSeconds: 0 })
      await delay(isShort ? 100 : 1_000)
      const cutAtMs = nowMs()
      let missed = await cut(count)
      const back = backOf(await crowd.ask('comeBack'))
      const backAtMs = nowMs()
      progress(`storm: ${count} back in ${Math.round(back.tookMs)} ms, ${back.failed} failed`)
      const during = await writing
      // A few are back within a moment: then all messages are looked at.
      const duringBadge = isShort ? during.badge : run.badgesBetween(cutAtMs, backAtMs)
      const isCovered = backAtMs < endsAtMs
      const turns = {
        ...(isShort ? { turns: 1, restMs: 100 } : { turns: COUNTED_TURNS, restMs: REST_MS }),
        prepare: async () => {
          missed += await cut(isShort ? count : COUNTED)
        },
      }
      const { loads, calls } = await countCalls(storages, turns, () => crowd.ask('comeBack'))
      const counted = median(loads.map(({ caughtUpMs }) => caughtUpMs.length))
      progress(`storm: ${calls.queries.toFixed(0)} queries for ${counted} who came back`)
      const totals = await crowd.ask('totals')
      crowd.stop()
      const truth = await tallyRedis.truth?.(storage)
      const wrongTotals = totals.filter(
        ({ userId, total }) => total !== truth?.people.get(userId)?.total,
      ).length
      const oracle = await run.finish()
      return {
        ...{ count, calm, during, duringBadge, back, isCovered, counted, calls, missed, wrongTotals, oracle },
      }
    } finally {
      crowd.stop()
      writer.close()
      await run.running.stop()
    }
  })
}

/** Time of all processes of the machine. */
const nowMs = (): number => performance.timeOrigin + performance.now()

function backOf({ caughtUpMs, ...seen }: CrowdSeen): Back {
  return { ...seen, caughtUp: latencies([...caughtUpMs]) }
}

type Writer = { write: (people: number) => Promise<number>; close: () => void }

/** Rooms that people share with their neighbour and with somebody who stays connected and writes to them. */
async function openWriter({
  storage,
  url,
  people,
}: {
  storage: Storage
  url: string
  people: readonly Person[]
}): Promise<Writer> {
  const [writer] = await makePeople(1, 'stormy-writer')
  if (writer === undefined) throw new Error('somebody has to write')
  const userIds = people.map(({ userId }) => userId)
  const rooms = userIds.map((userId, index) => ({
    roomId: `stormy-room-${index}`,
    userIds: [userId, userIds[(index + 1) % userIds.length] ?? '', writer.userId],
  }))
  await withDatabase(storage.databaseUrl, async (database) => {
    await seedPeople(database, [...userIds, writer.userId])
    await seedRooms(database, rooms)
    await database.query('analyze')
  })
  const socket = await WireSocket.open({ url, token: writer.token, onEvent: () => {} })
  let written = 0
  return {
    write: async (count) => {
      // Both in a room have to be away: who is not would hear of it without a sync.
      const away = rooms.slice(0, count - 1)
      const stride = Math.ceil(away.length / MISSED)
      const chosen = away.filter((_, index) => index % stride === 0)
      await inBatches(chosen, async ({ roomId }) => {
        const message = { roomId, message: 'you were away', clientId: `away-${written++}` }
        const { ok } = await socket.ask<{ ok: boolean }>('send-message', message)
        if (!ok) throw new Error('a message to somebody who is away was refused')
      })
      return chosen.length
    },
    close: () => socket.close(),
  }
}

function resultOf(storms: readonly Storm[]): Result {
  const { count, calm, during, duringBadge, back, counted, calls } = middleOf(storms)
  const queries = calls.queries / counted
  const sum = (of: (storm: Storm) => number): number => storms.reduce((total, storm) => total + of(storm), 0)
  const wrongTotals = sum((storm) => storm.wrongTotals)
  const wrong = wrongTotals + sum(({ oracle }) => oracle.wrong + oracle.lost)
  const missed = sum((storm) => storm.missed)
  const failed = sum((storm) => storm.back.failed)
  const admissionMs = (count * 1_000) / CONNECTIONS_PER_SECOND.usual
  const slowestMs = Math.max(...storms.map((storm) => storm.back.caughtUp.max))
  return {
    scenario: 'storm',
    title: 'Everybody comes back at once',
    what: `${count.toLocaleString('en-US')} people lose their connection at the same moment, reconnect without any back-off and sync, while others write ${during.perSecond.toLocaleString('en-US')} messages a second. While they were away, somebody wrote into every tenth of the rooms that two of them share: to one in five people. A server lets in ${CONNECTIONS_PER_SECOND.usual} people a second by default, and does so here: ${seconds(admissionMs)} for all of them, however fast each one is served.`,
    highlights: [
      `${count.toLocaleString('en-US')} people who lose their connection at one moment are back and caught up after ${seconds(slowestMs)}, ${seconds(admissionMs)} of which is that ${CONNECTIONS_PER_SECOND.usual} a second are let in, the default; those who write meanwhile wait ${duringBadge.p99.toFixed(0)} ms (p99).`,
    ],
    bars: [
      {
        promise: `others' p99 ≤ ${BARS.p99Ms} ms until the last one is back`,
        measured: `${(duringBadge.p99 / BARS.p99Ms).toFixed(2)} of the bar: ${duringBadge.p99.toFixed(1)} ms (rounds: ${spread(storms.map((storm) => storm.duringBadge.p99))}; ${calm.badge.p99.toFixed(1)} ms before)`,
        held: duringBadge.p99 <= BARS.p99Ms,
      },
      {
        promise: 'all caught up ≤ 10 s',
        measured: `${(slowestMs / BARS.caughtUpMs).toFixed(2)} of the bar: ${seconds(slowestMs)} in the slowest round, ${failed} refused (letting them in at ${CONNECTIONS_PER_SECOND.usual}/s, the default, takes ${seconds(admissionMs)})`,
        held: slowestMs <= BARS.caughtUpMs && failed === 0,
      },
      {
        promise: 'database queries per reconnect ≤ 1',
        measured: `${queries.toFixed(2)} (${calls.queries.toFixed(0)} queries, ${counted.toLocaleString('en-US')} people, nobody writing)`,
        held: queries <= BARS.queries,
      },
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
      answeredBar(storms),
    ],
    tables: [feltTable(storms), statementTable(calls, { count: counted, each: 'reconnect' })],
    plots: [
      barPlot(
        { name: 'storm', title: 'What those who write feel when everybody else comes back', label: 'ms' },
        [
          ['before, p50', calm.badge.p50],
          ['before, p99', calm.badge.p99],
          ['meanwhile, p50', duringBadge.p50],
          ['meanwhile, p99', duringBadge.p99],
        ],
      ),
    ],
    notes: [
      `In that round half were back after ${seconds(back.caughtUp.p50)}. Real clients spread themselves with a jittered back-off; these did not.`,
      `${missed.toLocaleString('en-US')} messages were written to people who were away, and every total that a sync told was held against the messages: ${wrongTotals} were wrong.`,
      'Queries are counted in smaller storms while nobody writes: statements that run more often because people come back, less what is asked without them. What only begins or ends a transaction is not counted.',
      `Of the row “while everybody came back” the badges are of those ${seconds(back.tookMs)} alone; cores and lateness are of all ${seconds((during.sent * 1_000) / during.perSecond)} in which others wrote, from a second before.`,
    ],
    voidBecause: [...new Set(storms.flatMap(voidBecause))],
    figures: storms,
  }
}

type Missing = Pick<StepFigures, 'refused' | 'unanswered' | 'unseen'>

/** Of all rounds together, before and while everybody comes back: latencies say nothing of what never came. */
export function answeredBar(storms: readonly { calm: Missing; during: Missing }[]): Bar {
  const steps = storms.flatMap(({ calm, during }) => [calm, during])
  const sum = (of: (step: Missing) => number): number => steps.reduce((total, step) => total + of(step), 0)
  const failed = sum(({ refused, unanswered }) => refused + unanswered)
  const unseen = sum((step) => step.unseen)
  return {
    mustHold: true,
    promise: 'every message of those who write is answered, every badge of it is seen',
    measured: `${failed} refused or unanswered, ${unseen} unseen in all rounds together`,
    held: failed + unseen === 0,
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

function feltTable(storms: readonly Storm[]): Table {
  const { calm, during, duringBadge } = middleOf(storms)
  const rowOf = (name: string, step: StepFigures, badge: Latencies, p99sMs: readonly number[]): string[] => [
    name,
    `${badge.p50.toFixed(1)} ms`,
    `${badge.p99.toFixed(1)} ms`,
    spread(p99sMs),
    `${badge.max.toFixed(0)} ms`,
    step.serverShare.toFixed(2),
    step.databaseShare.toFixed(2),
    step.redisShare.toFixed(2),
    step.generatorShare.toFixed(2),
    `${step.lag.p99.toFixed(1)} ms`,
  ]
  const before = storms.map((storm) => storm.calm.badge.p99)
  const meanwhile = storms.map((storm) => storm.duringBadge.p99)
  return {
    caption: 'What those who write felt, in the round whose p99 is the median',
    head: [
      ...['', 'badge p50', 'p99', 'p99, lowest to highest round', 'slowest'],
      ...['server, cores', 'database', 'Redis', 'generator', 'its lateness, p99'],
    ],
    rows: [
      rowOf('before', calm, calm.badge, before),
      rowOf('while everybody came back', during, duringBadge, meanwhile),
    ],
  }
}

/** The round that is shown: its p99 is the median. */
function middleOf(storms: readonly Storm[]): Storm {
  const sorted = storms.toSorted((one, other) => one.duringBadge.p99 - other.duringBadge.p99)
  const middle = sorted[(sorted.length - 1) >> 1]
  if (middle === undefined) throw new Error('a storm without a round')
  return middle
}

function voidBecause({ calm, during, back, isCovered }: Storm): string[] {
  const crowd = generatorLimit({
    ...{ generatorShare: back.processorShare, lagP99Ms: 0 },
    latencyP99Ms: back.caughtUp.p99,
  })
  return [
    ...(calm.limitedBy === undefined ? [] : [`before: ${calm.limitedBy}`]),
    ...(during.limitedBy === undefined ? [] : [`while everybody came back: ${during.limitedBy}`]),
    ...(crowd === undefined ? [] : [`coming back: ${crowd}`]),
    ...(isCovered ? [] : ['the others had written everything before the last one was back']),
  ]
}
