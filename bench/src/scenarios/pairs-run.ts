import { setTimeout as delay } from 'node:timers/promises'
import { type Broken, brokenPromises } from '../check/promises.ts'
import type { Truth } from '../check/recount.ts'
import { Generator } from '../load/generator.ts'
import type { Pair, PairsLoad, PairsPromises, PairsRate, PairsSeen, Shown } from '../load/pairs-load.ts'
import { inBatches, type Person } from '../load/people.ts'
import { generatorLimit } from '../measure/generator-limit.ts'
import { type Latencies, latencies } from '../measure/percentiles.ts'
import { Window } from '../measure/window.ts'
import type { Contestant, Running } from '../servers/contestants.ts'
import { get, makePeople } from '../servers/host-api.ts'
import type { Storage, Storages } from '../servers/storage.ts'
import { type MeasuredParts, meanParts, readBadgeClock } from './message-parts.ts'

/** A load whose first seconds are not looked at: the compiler has not seen the code yet, nor the database its tables. */
type PairsStep = PairsRate & { warmUpSeconds: number }

/** What one step of load was like, at one rate. Shares are of one core. */
export type StepFigures = {
  contestant: string
  perSecond: number
  badge: Latencies
  ack: Latencies
  lag: Latencies
  sent: number
  refused: number
  unanswered: number
  unseen: number
  acknowledgedPerSecond: number
  framesPerMessage: number
  generatorShare: number
  serverShare: number
  databaseShare: number
  redisShare: number
  /** All that ran on the machine; and what its host took away from it. */
  machineShare: number
  stolenShare: number
  transactionsPerMessage: number
  redisCommandsPerMessage: number
  /** Where the time of a message went on average; absent where the server does not say. */
  parts: MeasuredParts | undefined
  /** Why the step says nothing about the contestant; absent when it does. */
  limitedBy: string | undefined
}

/** What the oracle found when everything was still. */
export type OracleFigures = {
  contestant: string
  /** People whose screen, whose total, or whose registers are not what the messages say; and messages stored twice. */
  wrong: number
  /** Acknowledged but not stored. */
  lost: number
  /** Of `wrong`, messages that are stored more than once under one client id. */
  twice: number
  /** Whether each message was looked for by its client id; else only as many were counted as came. */
  isById: boolean
}

/** Longer than the touch takes, which heals what was lost. */
const REST_DEADLINE_MS = 12_000
const REST_POLL_MS = 200

/** 1,000 people in 500 rooms, or as many as one likes, on one contestant. */
export class PairsRun {
  readonly #contestant: Contestant
  readonly running: Running
  readonly #storages: Storages
  readonly #storage: Storage
  readonly #people: readonly Person[]
  readonly #generators: readonly Generator<PairsLoad>[]
  #lastSeen: readonly PairsSeen[] = []

  private constructor(parts: {
    contestant: Contestant
    running: Running
    storages: Storages
    storage: Storage
    people: readonly Person[]
    generators: readonly Generator<PairsLoad>[]
  }) {
    this.#contestant = parts.contestant
    this.running = parts.running
    this.#storages = parts.storages
    this.#storage = parts.storage
    this.#people = parts.people
    this.#generators = parts.generators
  }

  /** Starts the contestant, makes the rooms, connects everybody. */
  static async open(options: {
    contestant: Contestant
    storages: Storages
    storage: Storage
    pairCount: number
    generatorCount: number
    settings?: Record<string, string>
  }): Promise<PairsRun> {
    const { contestant, storages, storage, pairCount, generatorCount, settings } = options
    const running = await contestant.start(storage, settings)
    const generators = Array.from({ length: generatorCount }, () => new Generator<PairsLoad>('pairs-load.ts'))
    const people = await makePeople(pairCount * 2)
    const run = new PairsRun({ contestant, running, storages, storage, people, generators })
    try {
      const urls = running.servers.map(({ url, peopleUrl = url }) => peopleUrl)
      const pairs = await makePairs(contestant, running.servers[0]?.url ?? '', people)
      await Promise.all(
        generators.map((generator, index) =>
          generator.ask('open', { urls, pairs: pairs.filter((_, pair) => pair % generatorCount === index) }),
        ),
      )
      return run
    } catch (error) {
      await run.#stop()
      throw error
    }
  }

  async step({ perSecond, seconds, warmUpSeconds }: PairsStep): Promise<StepFigures> {
    const own = { perSecond: perSecond / this.#generators.length, seconds }
    if (warmUpSeconds > 0) {
      const warmUp = { ...own, seconds: warmUpSeconds }
      await Promise.all(this.#generators.map((generator) => generator.ask('warmUp', warmUp)))
    }
    const window = await Window.open(this.running, this.#storages)
    const clock = await readBadgeClock(this.running)
    const seen = await Promise.all(this.#generators.map((generator) => generator.ask('step', own)))
    this.#lastSeen = seen
    const { transactions, redisCommands, ...shares } = await window.close()
    const clockAfter = await readBadgeClock(this.running)
    const messages = perSecond * seconds
    return {
      contestant: this.#contestant.name,
      perSecond,
      ...merged(seen),
      ...shares,
      transactionsPerMessage: transactions / messages,
      redisCommandsPerMessage: redisCommands / messages,
      parts: meanParts(seen, clock, clockAfter),
    }
  }

  /** Badges of the last step whose messages were intended between two moments, in ms since 1970. */
  badgesBetween(fromMs: number, untilMs: number): Latencies {
    return latencies(
      this.#lastSeen.flatMap(({ badgeMs, badgeIntendedAtMs }) =>
        [...badgeMs].filter((_, index) => {
          const intendedAtMs = badgeIntendedAtMs[index] ?? Number.NaN
          return intendedAtMs >= fromMs && intendedAtMs < untilMs
        }),
      ),
    )
  }

  /** Holds what everybody's screen shows against what is stored, and ends the servers. */
  async finish(): Promise<OracleFigures> {
    try {
      const { shown, wrongBadges } = await this.#atRest()
      const promises = await Promise.all(this.#generators.map((generator) => generator.ask('promises')))
      await this.#stop()
      const truth = await this.#contestant.truth?.(this.#storage)
      const wrongScreens = shown.filter(({ userId, roomId, unread, total, sentTo }) => {
        const isTotalWrong = this.#contestant.hasTotals && total !== unread
        const stored = truth === undefined ? sentTo : truth.people.get(userId)?.rooms.get(roomId)
        return isTotalWrong || unread !== stored
      }).length
      const { lost, twice, isById } = await this.#broken(promises, truth)
      return {
        contestant: this.#contestant.name,
        wrong: wrongScreens + wrongBadges + (truth?.wrongRegisters ?? 0) + twice,
        ...{ lost, twice, isById },
      }
    } finally {
      await this.#stop()
    }
  }

  /** By client id where those are stored. Who acknowledges nothing has promised what came, of which only the number is known. */
  async #broken(
    promises: readonly PairsPromises[],
    truth: Truth | undefined,
  ): Promise<Broken & { isById: boolean }> {
    const stored = await this.#contestant.storedIds?.(this.#storage)
    if (stored !== undefined) {
      const acknowledged = promises.flatMap((promise) => promise.acknowledged)
      return { ...brokenPromises(acknowledged, stored), isById: true }
    }
    const came = sum(promises, (promise) => promise.came)
    const lost = truth === undefined ? 0 : Math.max(0, came - truth.messages)
    return { lost, twice: 0, isById: false }
  }

  /** What is shown and said, once it agrees or does not do so in time. */
  async #atRest(): Promise<{ shown: Shown[]; wrongBadges: number }> {
    const deadlineMs = performance.now() + REST_DEADLINE_MS
    for (;;) {
      const shown = (await Promise.all(this.#generators.map((generator) => generator.ask('screens')))).flat()
      const wrongBadges = await this.#wrongBadges(shown)
      const isComplete = shown.every(({ unread, sentTo }) => unread === sentTo)
      if ((isComplete && wrongBadges === 0) || performance.now() > deadlineMs) return { shown, wrongBadges }
      await delay(REST_POLL_MS)
    }
  }

  /** People of whom Tally says another total than they are shown. */
  async #wrongBadges(shown: readonly Shown[]): Promise<number> {
    if (!this.#contestant.isTally) return 0
    const url = this.running.servers[0]?.url
    const byPerson = new Map(shown.map(({ userId, total }) => [userId, total]))
    const answers = await inBatches(this.#people, (person) =>
      get<{ total: number }>(`${url}/v1/badge`, person),
    )
    return this.#people.filter(({ userId }, index) => answers[index]?.total !== byPerson.get(userId)).length
  }

  async #stop(): Promise<void> {
    for (const generator of this.#generators) generator.stop()
    await this.running.stop()
  }
}

/** People in twos, and their rooms. */
export async function makePairs(
  contestant: Contestant,
  url: string,
  people: readonly Person[],
): Promise<Pair[]> {
  const couples = people.flatMap((one, index): (readonly [Person, Person])[] => {
    const other = people[index + 1]
    return index % 2 === 0 && other !== undefined ? [[one, other]] : []
  })
  const roomIds = await contestant.makeRooms(
    url,
    couples.map((couple) => couple.map(({ userId }) => userId)),
  )
  return couples.map((couple, index) => ({ roomId: roomIds[index] ?? '', people: couple }))
}

/** What the generators saw, as if they had been one. */
function merged(
  seen: readonly PairsSeen[],
): Pick<
  StepFigures,
  | 'badge'
  | 'ack'
  | 'lag'
  | 'sent'
  | 'refused'
  | 'unanswered'
  | 'unseen'
  | 'acknowledgedPerSecond'
  | 'framesPerMessage'
  | 'generatorShare'
  | 'limitedBy'
> {
  const all = (key: 'badgeMs' | 'ackMs' | 'lagMs'): Latencies =>
    latencies(seen.flatMap((one) => [...one[key]]))
  const sent = sum(seen, (one) => one.sent)
  const [badge, lag] = [all('badgeMs'), all('lagMs')]
  const generatorShare = Math.max(...seen.map(({ processorShare }) => processorShare))
  return {
    badge,
    ack: all('ackMs'),
    lag,
    sent,
    refused: sum(seen, ({ refused }) => refused),
    unanswered: sum(seen, ({ unanswered }) => unanswered),
    unseen: sum(seen, ({ unseen }) => unseen),
    acknowledgedPerSecond: sum(seen, (one) => one.acknowledgedPerSecond),
    framesPerMessage: sum(seen, ({ badgeFrames }) => badgeFrames) / sent,
    generatorShare,
    limitedBy: generatorLimit({ generatorShare, lagP99Ms: lag.p99, latencyP99Ms: badge.p99 }),
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
