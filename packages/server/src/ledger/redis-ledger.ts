import type { UserId } from '@tally/protocol'
import type { LedgerOutcome, LedgerStep } from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerView } from '../core/ledger-view.ts'
import type { WarmAnswer, WarmBeginning, WarmSnapshot } from '../core/warming.ts'
import type { OpenedRedis } from '../redis/open-redis.ts'
import { PackedValues } from '../redis/packed-values.ts'
import { RedisFunction } from '../redis/redis-function.ts'
import type { Ledger, LedgerStats } from './ledger.ts'
import { ledgerScript } from './ledger-script.ts'
import { OutdatedCall } from './outdated-call.ts'
import { bucketOf, countRemovals, keysOf, scanKeys, userOf } from './redis-ledger-keys.ts'
import { RedisLedgerStats } from './redis-ledger-stats.ts'
import {
  encodeBeginning,
  encodeQuery,
  encodeSnapshot,
  encodeStep,
  joinOutcomes,
  type LedgerRequest as Request,
  readCounts,
  readEpochAhead,
  readOutcome,
  readView,
  readWarmAnswer,
} from './redis-ledger-wire.ts'

export type RedisLedgerOptions = {
  readonly redis: OpenedRedis
  /** The highest warm number that is cold by decree, as last read from the database; 0 if there is none. */
  readonly epoch: () => number
  /** Told of an epoch above that one, which a key knows of. */
  readonly onNewerEpoch?: (epoch: number) => void
  /** Begins every key; several installations may share one Redis. */
  readonly prefix?: string
  /** A key without leases goes when nobody wanted anything of it for this long. Events that pass by do not keep it. */
  readonly idleTtlMs?: number
  /** Counting keys walks through all of them: of all nodes one does it, once in so long. */
  readonly statsMaxAgeMs?: number
  /** Milliseconds. For tests: otherwise it is Redis' own clock, one for all nodes. */
  readonly now?: () => number
  /** Another script than the right one exists for tests alone, which must notice it. */
  readonly script?: string
}

/** So many users a call at most: a call is one step of Redis, and everybody else waits for its end. */
const MOST_USERS_PER_CALL = 200
/** For the same reason: the registers that one call warms. */
const MOST_ROOMS_PER_CALL = 1_000

/** What the keys hold is counted of so many users, and taken to be alike for the others. */
const MOST_USERS_ASKED = 2_000

/** Measured on Redis 7.0 (64 bit); redis-ledger-cost.redis.test.ts holds them to the memory that keys really take. */
const BYTES_PER_USER = 260
const BYTES_PER_ROOM = 30
const BYTES_PER_LEASE = 160

/** What the script can do, and how what it says of one user is read. */
type Operation<T> = {
  readonly name: string
  readonly read: (request: Request, answers: PackedValues) => T
}

const APPLY: Operation<LedgerOutcome> = { name: 'apply', read: readOutcome }
const BEGIN: Operation<WarmAnswer> = { name: 'begin', read: readWarmAnswer }
const FINISH: Operation<LedgerOutcome> = { name: 'finish', read: readOutcome }
const READ: Operation<LedgerView> = { name: 'read', read: readView }
const COUNT: Operation<{ rooms: number; leases: number }> = { name: 'count', read: readCounts }

type Asked = {
  readonly operation: Operation<unknown>
  readonly requests: Request[]
  readonly answers: PromiseWithResolvers<unknown[]>
}

/**
 * The ledger that many nodes share: registers in Redis, one Lua script for every step (the folder `lua`). It answers
 * exactly like the rule in TypeScript. A key belongs to the Redis process that wrote it: after a restart or a failover,
 * which may bring back an old copy, every key is cold. So it is when its warm number is not above `epoch`. The other way
 * round a key does nothing for a node that knows an older epoch than the key: what it says may have waited somewhere
 * while the node gave it up. The call fails with `OutdatedCall`.
 *
 * With 200 rooms a user takes 6.2 KB, or 3.1 KB where ids are short, if Redis has `hash-max-listpack-entries 512`
 * (`LEDGER_FIGURES=1 npx vitest run redis-ledger-cost`). A merge costs the same in 1 room and in 10,000.
 *
 * When Redis does not answer, every method rejects with what the connection says; what became of the step is unknown,
 * and it may be repeated.
 */
export class RedisLedger implements Ledger {
  readonly #options: RedisLedgerOptions
  readonly #prefix: string
  readonly #script: RedisFunction
  readonly #stats: RedisLedgerStats
  /** In this turn of the event loop, in this order. */
  readonly #asked: Asked[] = []

  constructor(options: RedisLedgerOptions) {
    this.#options = options
    this.#prefix = options.prefix ?? 'tally:'
    this.#script = new RedisFunction(options.script ?? ledgerScript())
    const { redis, statsMaxAgeMs: maxAgeMs = 60_000 } = options
    this.#stats = new RedisLedgerStats({
      redis,
      prefix: this.#prefix,
      maxAgeMs,
      count: () => this.#count(),
    })
  }

  apply(steps: readonly LedgerStep[]): Promise<LedgerOutcome[]> {
    return this.#runTogether(APPLY, steps.map(encodeStep))
  }

  beginWarm(users: readonly WarmBeginning[]): Promise<WarmAnswer[]> {
    return this.#run(BEGIN, users.map(encodeBeginning))
  }

  async finishWarm(users: readonly WarmSnapshot[]): Promise<LedgerOutcome[]> {
    const parts = users.map((snapshot) => encodeSnapshot(snapshot, MOST_ROOMS_PER_CALL))
    // In this order, so that the last part of a user's snapshot comes last.
    const outcomes = await this.#run(FINISH, parts.flat())
    let first = 0
    return parts.map(({ length }) => {
      first += length
      return joinOutcomes(outcomes.slice(first - length, first))
    })
  }

  read(queries: readonly LedgerQuery[]): Promise<LedgerView[]> {
    return this.#runTogether(READ, queries.map(encodeQuery))
  }

  async drop(users: readonly UserId[] | 'all'): Promise<void> {
    const { redis } = this.#options
    if (users !== 'all') {
      await Promise.all(users.map((userId) => redis.client.unlink(...keysOf(this.#prefix, userId))))
      return
    }
    for await (const keys of scanKeys(redis, this.#prefix)) {
      await Promise.all(keys.map((key) => redis.client.unlink(key)))
    }
  }

  /**
   * Exact up to 2,000 users; above, rooms and leases are extrapolated. `expired` and `evicted` count the keys of the
   * whole Redis, since it started.
   */
  stats(): Promise<LedgerStats> {
    return this.#stats.get()
  }

  async #count(): Promise<LedgerStats> {
    const { redis } = this.#options
    let [users, asked, roomsOfAsked, leasesOfAsked] = [0, 0, 0, 0]
    for await (const keys of scanKeys(redis, this.#prefix)) {
      const userIds = keys.flatMap((key) => userOf(this.#prefix, key) ?? [])
      users += userIds.length
      if (asked >= MOST_USERS_ASKED) continue
      const counts = await this.#run(COUNT, userIds.map(encodeCount))
      asked += counts.length
      for (const { rooms, leases } of counts) {
        roomsOfAsked += rooms
        leasesOfAsked += leases
      }
    }
    const share = asked === 0 ? 0 : users / asked
    const [rooms, leases] = [Math.round(roomsOfAsked * share), Math.round(leasesOfAsked * share)]
    const bytesEstimate = users * BYTES_PER_USER + rooms * BYTES_PER_ROOM + leases * BYTES_PER_LEASE
    return { users, rooms, leases, bytesEstimate, ...(await countRemovals(redis)) }
  }

  /**
   * The same for what many ask at once: a call costs more on its way than in Redis, so what one turn of the event loop
   * asks for goes together, and fails together.
   */
  #runTogether<T>(operation: Operation<T>, requests: readonly Request[]): Promise<T[]> {
    if (this.#asked.length === 0) setImmediate(() => this.#runAsked())
    let asked = this.#asked.at(-1)
    // One of another kind in between keeps its place.
    if (asked?.operation !== operation) {
      asked = { operation, requests: [], answers: Promise.withResolvers() }
      this.#asked.push(asked)
    }
    const first = asked.requests.length
    for (const request of requests) asked.requests.push(request)
    // What is asked of one kind of operation is answered by that kind.
    const answers = asked.answers.promise as Promise<T[]>
    return answers.then((all) => all.slice(first, first + requests.length))
  }

  #runAsked(): void {
    for (const { operation, requests, answers } of this.#asked.splice(0)) {
      this.#run(operation, requests).then(answers.resolve, answers.reject)
    }
  }

  /** Answers in the order of the requests. Requests of one user are done in their order. */
  async #run<T>(operation: Operation<T>, requests: readonly Request[]): Promise<T[]> {
    const calls = callsOf(requests, this.#options.redis.isCluster)
    const answers = new Array<T>(requests.length)
    const ahead = await Promise.all(calls.map((call) => this.#call(operation, call, answers)))
    const newest = Math.max(0, ...ahead)
    if (newest === 0) return answers
    this.#options.onNewerEpoch?.(newest)
    throw new OutdatedCall(newest)
  }

  /** Puts the answers in their places. @returns the epoch that a key knows of and this node does not; 0 if none does. */
  async #call<T>(operation: Operation<T>, requests: readonly Placed[], answers: T[]): Promise<number> {
    const { redis, epoch, idleTtlMs = 900_000, now } = this.#options
    // A message tells most of its recipients the same: each request is sent, and read, once.
    const texts = new Map<string, number>()
    const which: number[] = []
    const keys: string[] = []
    for (const { request } of requests) {
      let place = texts.get(request.text)
      if (place === undefined) {
        place = texts.size + 1
        texts.set(request.text, place)
      }
      which.push(place)
      keys.push(...keysOf(this.#prefix, request.userId))
    }
    const settings = `"${operation.name}",${epoch()},${idleTtlMs},${now?.() ?? -1}`
    const asked = `[${settings},[${which.join(',')}],[${[...texts.keys()].join(',')}]]`
    const packed = new PackedValues((await this.#script.run(redis.client, keys, [asked])) as Buffer)
    let newest = 0
    for (const { place, request } of requests) {
      const ahead = readEpochAhead(packed)
      if (ahead === 0) answers[place] = operation.read(request, packed)
      else newest = Math.max(newest, ahead)
    }
    return newest
  }
}

type Placed = { readonly place: number; readonly request: Request }

/** Splits requests into calls: on a cluster one per bucket, because a call may touch one slot alone. */
function callsOf(requests: readonly Request[], isCluster: boolean): Placed[][] {
  const calls: Placed[][] = []
  const open = new Map<number, { call: Placed[]; rooms: number }>()
  for (const [place, request] of requests.entries()) {
    const bucket = isCluster ? bucketOf(request.userId) : 0
    let last = open.get(bucket)
    const isFull =
      last !== undefined &&
      (last.call.length >= MOST_USERS_PER_CALL || last.rooms + request.rooms > MOST_ROOMS_PER_CALL)
    if (last === undefined || isFull) {
      last = { call: [], rooms: 0 }
      open.set(bucket, last)
      calls.push(last.call)
    }
    last.call.push({ place, request })
    last.rooms += request.rooms
  }
  return calls
}

function encodeCount(userId: UserId): Request {
  return { userId, text: '[]', rooms: 0 }
}
