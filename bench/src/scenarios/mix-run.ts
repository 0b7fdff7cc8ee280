import { setTimeout as delay } from 'node:timers/promises'
import { brokenPromises, type ClientIds } from '../check/promises.ts'
import { Generator } from '../load/generator.ts'
import { MIX_ACTIONS, type MixAction, type MixLoad, type MixSeen } from '../load/mix-load.ts'
import type { Person } from '../load/people.ts'
import { type Latencies, latencies } from '../measure/percentiles.ts'
import { rssBytesOf } from '../measure/process-figures.ts'
import { Window, type WindowFigures } from '../measure/window.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { makePeople } from '../servers/host-api.ts'
import { readMetrics } from '../servers/read-metrics.ts'
import { seedPeople, seedRooms, withDatabase } from '../servers/seed.ts'
import type { Surroundings } from './scenario.ts'
import { type Lent, withTally } from './with-tally.ts'

/** For each message sent, as people were seen to do; `mark` is marking a thread as read. */
export const PER_SEND: Record<MixAction, number> = {
  send: 1,
  switch: 6.5,
  scroll: 2,
  check: 1,
  mark: 0.3,
  reconnect: 0.14,
}

/** Above this for any one of what people do, a rate is no longer held. */
export const P99_MAX_MS = 100
/** How many there are, unless the run is a short one. */
export const PEOPLE = 500
export const ROOM_SIZE = 5
const ROOMS_PER_PERSON = 10
const SEEDED_MESSAGES = 60
const WARM_UP_SENDS = 50
/** Longer than the touch takes, which heals what was lost. */
const REST_DEADLINE_MS = 12_000
const REST_POLL_MS = 200

export type MixFigures = WindowFigures & {
  rates: Partial<Record<MixAction, number>>
  badge: Latencies
  lag: Latencies
  took: Partial<Record<MixAction, Latencies>>
  failed: number
  unseen: number
  processorShare: number
  rssBytes: number
  /** For how much of the time the server's event loop had something to do, waiting for a core included. */
  loopShare: number
}

/** Everything whose time is looked at: what people do, and the badges of what they write. */
export const TIMED = ['badge', ...MIX_ACTIONS] as const
export type Timed = (typeof TIMED)[number]

/** @returns undefined for what nobody did. */
export function timesOf(
  { badge, took }: Pick<MixFigures, 'badge' | 'took'>,
  what: Timed,
): Latencies | undefined {
  const times = what === 'badge' ? badge : took[what]
  return times !== undefined && times.count > 0 ? times : undefined
}

/** What took too long (p99), slowest first. */
export function tooSlow(step: Pick<MixFigures, 'badge' | 'took'>): { what: Timed; p99: number }[] {
  return TIMED.map((what) => ({ what, p99: timesOf(step, what)?.p99 ?? 0 }))
    .filter(({ p99 }) => p99 > P99_MAX_MS)
    .toSorted((one, other) => other.p99 - one.p99)
}

/** Whether everything that people did was done in time, nothing was refused and nothing is missing. */
export function isHeld(step: MixFigures): boolean {
  return step.failed + step.unseen === 0 && tooSlow(step).length === 0
}

/** Of a climb, what comes before the first rate that was not held. */
export function heldBefore(steps: readonly MixFigures[]): MixFigures[] {
  const end = steps.findIndex((step) => !isHeld(step))
  return end < 0 ? [...steps] : steps.slice(0, end)
}

/**
 * People who are shown or told something else than the messages say, and messages that are stored more than once; and
 * messages that were acknowledged and are gone.
 */
export type MixOracle = { wrong: number; lost: number }

/** @param promised of the messages that were acknowledged. @param stored of all that there are. */
export function oracleOf(
  wrongPeople: number,
  promised: readonly ClientIds[],
  stored: readonly ClientIds[],
): MixOracle {
  const { lost, twice } = brokenPromises(promised, stored)
  return { wrong: wrongPeople + twice, lost }
}

/** People with ten rooms of five each, on PostgreSQL and Redis. */
export class MixRun {
  readonly #lent: Lent
  readonly #people: readonly Person[]
  readonly #generator: Generator<MixLoad>
  readonly #storages: Surroundings['storages']
  readonly #redisBytesBefore: number

  private constructor(parts: {
    lent: Lent
    people: readonly Person[]
    generator: Generator<MixLoad>
    storages: Surroundings['storages']
    redisBytesBefore: number
  }) {
    this.#lent = parts.lent
    this.#people = parts.people
    this.#generator = parts.generator
    this.#storages = parts.storages
    this.#redisBytesBefore = parts.redisBytesBefore
  }

  /** Lends such people to a task; then everything is counted anew. */
  static async lend<T>(
    surroundings: Surroundings,
    task: (run: MixRun) => Promise<T>,
  ): Promise<{ result: T; oracle: MixOracle }> {
    const { isShort } = surroundings.options
    const count = isShort ? 20 : PEOPLE
    const { result: seen, oracles } = await withTally(
      surroundings,
      async (lent) => {
        const people = await makePeople(count, 'someone')
        const redisBytesBefore = await surroundings.storages.redisBytes()
        const rooms = roomsOf(people)
        await withDatabase(lent.storage.databaseUrl, async (database) => {
          const userIds = people.map(({ userId }) => userId)
          await seedPeople(database, userIds)
          await seedRooms(database, rooms)
          await database.query('analyze')
        })
        const generator = new Generator<MixLoad>('mix-load.ts')
        try {
          await generator.ask('open', { url: lent.url, people, rooms })
          const run = new MixRun({
            ...{ lent, people, generator, redisBytesBefore },
            storages: surroundings.storages,
          })
          // Something to scroll through.
          const seeded = isShort ? 2 : SEEDED_MESSAGES
          await run.step({ send: isShort ? 100 : 2_000 }, (rooms.length * seeded) / 2_000)
          // And once everything else, for the compiler: nobody looks at how long that took.
          await run.step(ratesOf(isShort ? 5 : WARM_UP_SENDS), isShort ? 0.3 : 3)
          const result = await task(run)
          return { result, own: await run.#check() }
        } finally {
          generator.stop()
        }
      },
      { settings: { TALLY_CONNECTIONS_PER_SECOND: '5000' } },
    )
    const { wrong, lost } = seen.own
    return {
      result: seen.result,
      oracle: { lost, wrong: oracles.reduce((sum, oracle) => sum + oracle.wrong, wrong) },
    }
  }

  /** What Redis holds more than before these people were there, for each of them. */
  async redisBytesPerPerson(): Promise<number> {
    return ((await this.#storages.redisBytes()) - this.#redisBytesBefore) / this.#people.length
  }

  async step(rates: Partial<Record<MixAction, number>>, seconds: number): Promise<MixFigures> {
    const { pid = 0 } = this.#lent.running.servers[0] ?? {}
    const busySeconds = await this.#loopBusySeconds()
    const window = await Window.open(this.#lent.running, this.#storages)
    const seen = await this.#generator.ask('step', { rates, seconds })
    const figures = { ...figuresOf(seen), ...(await window.close()) }
    const loopShare = ((await this.#loopBusySeconds()) - busySeconds) / figures.seconds
    return { rates, ...figures, rssBytes: await rssBytesOf(pid), loopShare }
  }

  async #loopBusySeconds(): Promise<number> {
    const { metricsUrl } = this.#lent.running.servers[0] ?? {}
    return metricsUrl === undefined
      ? 0
      : (await readMetrics(metricsUrl))('tally_event_loop_busy_seconds_total')
  }

  /** Nobody does anything. */
  async rest(seconds: number): Promise<WindowFigures> {
    const window = await Window.open(this.#lent.running, this.#storages)
    await delay(seconds * 1_000)
    return window.close()
  }

  /**
   * Holds what everybody is shown against the messages, and each message that was acknowledged against those that are
   * stored; what the server says is for the oracle.
   */
  async #check(): Promise<MixOracle> {
    await this.#generator.ask('closeRooms')
    const truth = await tallyRedis.truth?.(this.#lent.storage)
    if (truth === undefined) throw new Error('Tally keeps what it is told')
    const deadlineMs = performance.now() + REST_DEADLINE_MS
    let wrong = 0
    do {
      const shown = await this.#generator.ask('shown')
      wrong = shown.filter(({ userId, total }) => total !== truth.people.get(userId)?.total).length
      if (wrong > 0) await delay(REST_POLL_MS)
    } while (wrong > 0 && performance.now() < deadlineMs)
    const promised = await this.#generator.ask('promises')
    const stored = (await tallyRedis.storedIds?.(this.#lent.storage)) ?? []
    return oracleOf(wrong, promised, stored)
  }
}

/** People as they are, at so many messages a second. */
export function ratesOf(sends: number): Record<MixAction, number> {
  const rates = MIX_ACTIONS.map((action) => [action, sends * PER_SEND[action]] as const)
  return Object.fromEntries(rates) as Record<MixAction, number>
}

function figuresOf({
  badgeMs,
  lagMs,
  tookMs,
  ...seen
}: MixSeen): Omit<MixFigures, keyof WindowFigures | 'rates' | 'rssBytes' | 'loopShare'> {
  const took = Object.fromEntries(
    Object.entries(tookMs).map(([action, times]) => [action, latencies([...times])]),
  )
  return { ...seen, badge: latencies([...badgeMs]), lag: latencies([...lagMs]), took }
}

/** Neighbours on a ring share rooms: everybody is in as many, and knows different people. */
function roomsOf(people: readonly Person[]): { roomId: string; userIds: string[] }[] {
  const count = (people.length * ROOMS_PER_PERSON) / ROOM_SIZE
  return Array.from({ length: count }, (_, index) => ({
    roomId: `mixed-${index}`,
    userIds: Array.from({ length: ROOM_SIZE }, (_, member) => {
      const lap = Math.floor((index * ROOM_SIZE) / people.length)
      return people[(index * ROOM_SIZE + member * (lap + 1)) % people.length]?.userId ?? ''
    }),
  })).map(({ roomId, userIds }) => ({ roomId, userIds: [...new Set(userIds)] }))
}
