import { RequestError, type UserId } from '@tally/protocol'
import type { LeaseChange, LedgerOutcome, LedgerStep, RoomUpdate } from '../core/ledger-step.ts'
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

type Waiting = {
  promise: Promise<void>
  resolve: () => void
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
  ): Promise<void> {
    const known = this.#waiting.get(userId)
    if (known !== undefined) {
      known.rooms.push(...rooms)
      known.force ||= force
      return known.promise
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
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
          this.#settle(batch, error)
        })
        .finally(() => {
          this.#running -= 1
          this.#pump()
        })
    }
  }

  async #warm(batch: readonly UserId[]): Promise<void> {
    const { ledger, nextWarms, readSnapshots, onWarmed } = this.#options
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
    this.#settle(ready.filter((one) => !doubted.includes(one)).map(({ userId }) => userId))
    this.#retry(doubted.map(({ userId }) => userId))
    this.#retry(batch.filter((_, index) => begun[index] === 'busy'))
    if (mine.length === 0) return
    const [snapshots] = await Promise.all([
      readSnapshots(mine.map(({ userId }) => userId)),
      // A warming key keeps leases and events: what is put now is answered, and told, when it is ready.
      ledger.apply(mine.map(({ userId }) => this.#missedBy(userId))),
    ])
    const outcomes = await ledger.finishWarm(
      mine.map(({ userId, warm }) => ({ userId, warm, registers: snapshots.get(userId) ?? [] })),
    )
    onWarmed(outcomes)
    this.#settle(outcomes.filter(({ state }) => state === 'ready').map(({ userId }) => userId))
    // Somebody took over meanwhile, or the key vanished: again, with a new number.
    this.#retry(outcomes.filter(({ state }) => state !== 'ready').map(({ userId }) => userId))
  }

  #missedBy(userId: UserId): LedgerStep {
    const rooms = this.#waiting.get(userId)?.rooms ?? []
    return { userId, rooms, leases: this.#options.leasesOf(userId) }
  }

  #retry(userIds: readonly UserId[]): void {
    if (userIds.length === 0) return
    setTimeout(() => {
      this.#queue.push(...userIds.filter((userId) => this.#waiting.has(userId)))
      this.#pump()
    }, this.#options.busyRetryMs)
  }

  #settle(userIds: readonly UserId[], error?: unknown): void {
    for (const userId of userIds) {
      const waiting = this.#waiting.get(userId)
      this.#waiting.delete(userId)
      if (error === undefined) waiting?.resolve()
      else waiting?.reject(error)
    }
  }
}
