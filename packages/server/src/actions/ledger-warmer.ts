import { RequestError, type UserId } from '@tally/protocol'
import type { LeaseChange, LedgerOutcome, LedgerStep, ReadyOutcome, RoomUpdate } from '../core/ledger-step.ts'
import type { LedgerRegister } from '../core/registers.ts'
import type { Ledger } from '../ledger/ledger.ts'

export type LedgerWarmerOptions = {
  ledger: Ledger
  /** The next numbers of the warm sequence. */
  nextWarms: (count: number) => Promise<number[]>
  /** Every register of these people, read from the primary. */
  readSnapshots: (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, LedgerRegister[]>>
  /** The leases of a person's devices here: a new key has none. */
  leasesOf: (userId: UserId) => LeaseChange[]
  /** Told of people that became ready, so that their devices here learn the number. */
  onWarmed: (outcomes: LedgerOutcome[]) => void
  /** Told once of every batch that failed. */
  onError: (error: unknown) => void
  /** People per snapshot query. */
  batchSize: number
  /** Snapshot queries at once: what a flushed ledger may cost the database. */
  maxConcurrent: number
  /** How long to leave a person alone whom another node is warming. */
  busyRetryMs: number
}

/** What the ledger said of somebody when they became ready by this node; `undefined`: by another. */
type Warmed = ReadyOutcome | undefined

type Waiting = {
  promise: Promise<Warmed>
  resolve: (warmed: Warmed) => void
  reject: (error: unknown) => void
  force: boolean
  /** What a step said that found the key cold: told again, so that the devices get these rooms' rows. */
  rooms: RoomUpdate[]
}

/**
 * Brings people from cold to ready: take a number, create the key with it, read the snapshot, merge. The key exists
 * before the snapshot is read, so an event is either in the snapshot or applied to the key. One warm per person at a
 * time on this node, few at a time in all.
 */
export class LedgerWarmer {
  readonly #options: LedgerWarmerOptions
  readonly #waiting = new Map<UserId, Waiting>()
  #queue: UserId[] = []
  #running = 0

  constructor(options: LedgerWarmerOptions) {
    this.#options = options
  }

  /**
   * Resolves when the ledger can answer for all of them.
   * @throws RequestError `storage_unavailable` when the database cannot be read.
   */
  async ensure(userIds: readonly UserId[]): Promise<void> {
    const views = await this.#options.ledger.read(userIds.map((userId) => ({ userId })))
    const cold = userIds.filter((_, index) => views[index]?.state !== 'ready')
    if (cold.length > 0) {
      await Promise.all(cold.map((userId) => this.#enqueue(userId, { force: false, rooms: [] })))
    }
  }

  /**
   * The same for somebody who was just found not to be ready. The leases of their devices here are put on the way.
   * @returns what the ledger said then; `undefined` when another node was faster, which knows of none of these.
   * @throws RequestError `storage_unavailable` when the database cannot be read.
   */
  warm(userId: UserId): Promise<ReadyOutcome | undefined> {
    return this.#enqueue(userId, { force: false, rooms: [] })
  }

  /**
   * Throws away what the ledger holds of these people and reads it anew: for a copy that is gone or in doubt.
   * @param steps those that showed it.
   */
  again(steps: readonly LedgerStep[]): void {
    for (const { userId, rooms = [] } of steps) {
      // Its batch tells why it failed, once for all of them.
      this.#enqueue(userId, { force: true, rooms }).catch(() => {})
    }
  }

  #enqueue(
    userId: UserId,
    { force, rooms }: { force: boolean; rooms: readonly RoomUpdate[] },
  ): Promise<Warmed> {
    const known = this.#waiting.get(userId)
    if (known !== undefined) {
      known.rooms.push(...rooms)
      known.force ||= force
      return known.promise
    }
    const { promise, resolve, reject } = Promise.withResolvers<Warmed>()
    this.#waiting.set(userId, { promise, resolve, reject, force, rooms: [...rooms] })
    this.#queue.push(userId)
    // In the next microtask, so that people asked for in one tick share one query.
    queueMicrotask(() => this.#pump())
    return promise
  }

  #pump(): void {
    while (this.#running < this.#options.maxConcurrent && this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#options.batchSize)
      this.#running += 1
      void this.#warm(batch)
        .catch((error: unknown) => {
          this.#options.onError(error)
          for (const userId of batch) this.#taken(userId)?.reject(error)
        })
        .finally(() => {
          this.#running -= 1
          this.#pump()
        })
    }
  }

  async #warm(batch: readonly UserId[]): Promise<void> {
    const { ledger, nextWarms, readSnapshots, leasesOf, onWarmed } = this.#options
    const warms = await nextWarms(batch.length)
    const numbered = batch.map((userId, index) => {
      const warm = warms[index]
      if (warm === undefined) throw new RequestError('storage_unavailable', { retryAfterMs: 1_000 })
      return { userId, warm, force: this.#waiting.get(userId)?.force ?? false }
    })
    const begun = await ledger.beginWarm(numbered)
    const mine = numbered.filter((_, index) => begun[index] === 'begun')
    const ready = numbered.filter((_, index) => begun[index] === 'ready')
    // Somebody came to doubt it while it was being looked at.
    const doubted = ready.filter(({ userId, force }) => !force && this.#waiting.get(userId)?.force === true)
    for (const one of ready) if (!doubted.includes(one)) this.#taken(one.userId)?.resolve(undefined)
    this.#retry(doubted.map(({ userId }) => userId))
    this.#retry(batch.filter((_, index) => begun[index] === 'busy'))
    if (mine.length === 0) return
    const [snapshots] = await Promise.all([
      readSnapshots(mine.map(({ userId }) => userId)),
      // A warming key keeps events: what it is told now is answered, and told, when it is ready.
      ledger.apply(mine.flatMap(({ userId }) => this.#missedBy(userId))),
    ])
    const outcomes = await ledger.finishWarm(
      mine.map(({ userId, warm }) => ({
        userId,
        warm,
        registers: snapshots.get(userId) ?? [],
        leases: leasesOf(userId),
      })),
    )
    onWarmed(outcomes)
    for (const outcome of outcomes) {
      if (outcome.state === 'ready') this.#taken(outcome.userId)?.resolve(outcome)
    }
    // Somebody took over meanwhile, or the key vanished: again, with a new number.
    this.#retry(outcomes.filter(({ state }) => state !== 'ready').map(({ userId }) => userId))
  }

  #missedBy(userId: UserId): LedgerStep[] {
    const rooms = this.#waiting.get(userId)?.rooms ?? []
    return rooms.length === 0 ? [] : [{ userId, rooms }]
  }

  #retry(userIds: readonly UserId[]): void {
    if (userIds.length === 0) return
    setTimeout(() => {
      this.#queue.push(...userIds.filter((userId) => this.#waiting.has(userId)))
      this.#pump()
    }, this.#options.busyRetryMs)
  }

  /** Who waited for this person, and does no longer. */
  #taken(userId: UserId): Waiting | undefined {
    const waiting = this.#waiting.get(userId)
    this.#waiting.delete(userId)
    return waiting
  }
}
