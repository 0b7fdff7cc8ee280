import type { UserId } from '@tally/protocol'
import type { LedgerOutcome, LedgerStep } from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerView } from '../core/ledger-view.ts'
import { MERGE_RULE, type MergeRule } from '../core/registers.ts'
import { applyStep, createEntry, dropLapsedLeases, readEntry, type UserEntry } from '../core/user-entry.ts'
import {
  beginWarm,
  finishWarm,
  WARM_TAKEOVER_MS,
  type WarmAnswer,
  type WarmBeginning,
  type WarmSnapshot,
} from '../core/warming.ts'
import type { Ledger, LedgerStats } from './ledger.ts'

export type MemoryLedgerOptions = {
  /** Milliseconds of a clock that never goes back, not the time of day: leases must not lapse because a clock was set. */
  readonly now: () => number
  /** A key without leases goes when nobody wanted anything of it for this long. Events that pass by do not keep it. */
  readonly idleTtlMs?: number
  /** Above this, keys without leases go at once. Connected users always have their key; connections have limits of their own. */
  readonly maxUsers?: number
  /** Another rule than the right one exists for tests alone, which must notice it. */
  readonly mergeRule?: MergeRule
}

/** Measured on Node 24 (64 bit); the test of this file holds them to the heap that keys really take. */
const BYTES_PER_USER = 510
const BYTES_PER_ROOM = 260
const BYTES_PER_LEASE = 770

/** How many keys each call looks at for expiry: more than a call can create, so that idle keys cannot pile up. */
const LOOKED_AT_PER_CALL = 4

/**
 * The ledger of one process: a map from user to entry. Every method does its work before it returns its promise, so a
 * step is atomic because nothing else runs meanwhile. Expiry needs no timer: each call looks at a few keys in turn.
 */
export class MemoryLedger implements Ledger {
  readonly #now: () => number
  readonly #idleTtlMs: number
  readonly #maxUsers: number
  readonly #mergeRule: MergeRule
  readonly #entries = new Map<UserId, UserEntry>()
  #hand = this.#entries.values()
  #expired = 0
  #evicted = 0

  constructor(options: MemoryLedgerOptions) {
    this.#now = options.now
    this.#idleTtlMs = options.idleTtlMs ?? 900_000
    this.#maxUsers = options.maxUsers ?? 100_000
    this.#mergeRule = options.mergeRule ?? MERGE_RULE
  }

  apply(steps: readonly LedgerStep[]): Promise<LedgerOutcome[]> {
    const nowMs = this.#now()
    const outcomes = steps.map((step) =>
      this.#onEntry(step.userId, (entry) => applyStep(entry, step, nowMs, this.#mergeRule)),
    )
    this.#expire(LOOKED_AT_PER_CALL, nowMs)
    return Promise.resolve(outcomes)
  }

  beginWarm(users: readonly WarmBeginning[]): Promise<WarmAnswer[]> {
    const nowMs = this.#now()
    this.#expire(LOOKED_AT_PER_CALL + users.length, nowMs)
    const answers = users.map((beginning): WarmAnswer => {
      const { userId, warm } = beginning
      const entry = this.#entries.get(userId)
      if (entry !== undefined) return beginWarm(entry, beginning, nowMs)
      this.#entries.set(userId, createEntry({ userId, warm, nowMs }))
      return 'begun'
    })
    return Promise.resolve(answers)
  }

  finishWarm(users: readonly WarmSnapshot[]): Promise<LedgerOutcome[]> {
    const nowMs = this.#now()
    const outcomes = users.map((snapshot) =>
      this.#onEntry(snapshot.userId, (entry) => finishWarm(entry, snapshot, nowMs, this.#mergeRule)),
    )
    return Promise.resolve(outcomes)
  }

  read(queries: readonly LedgerQuery[]): Promise<LedgerView[]> {
    const nowMs = this.#now()
    const views = queries.map((query) =>
      this.#onEntry(query.userId, (entry): LedgerView => readEntry(entry, query, nowMs)),
    )
    this.#expire(LOOKED_AT_PER_CALL, nowMs)
    return Promise.resolve(views)
  }

  drop(users: readonly UserId[] | 'all'): Promise<void> {
    if (users === 'all') {
      this.#entries.clear()
      // An iterator keeps the table it walks, and with it every entry, until it is used again.
      this.#hand = this.#entries.values()
    } else {
      for (const userId of users) this.#entries.delete(userId)
    }
    return Promise.resolve()
  }

  stats(): Promise<LedgerStats> {
    const users = this.#entries.size
    let rooms = 0
    let leases = 0
    for (const entry of this.#entries.values()) {
      rooms += entry.rooms.size
      leases += entry.leases?.size ?? 0
    }
    return Promise.resolve({
      users,
      rooms,
      leases,
      bytesEstimate: users * BYTES_PER_USER + rooms * BYTES_PER_ROOM + leases * BYTES_PER_LEASE,
      expired: this.#expired,
      evicted: this.#evicted,
    })
  }

  /** Runs one step on a user's entry; an entry that answers `cold` is used up and goes. */
  #onEntry<A extends { readonly state: string }>(userId: UserId, step: (entry: UserEntry) => A): A | Cold {
    const entry = this.#entries.get(userId)
    if (entry === undefined) return { userId, state: 'cold' }
    const answer = step(entry)
    if (answer.state === 'cold') this.#entries.delete(userId)
    return answer
  }

  /** Looks at the next few keys, round and round, and lets those go that nobody needs. */
  #expire(count: number, nowMs: number): void {
    for (let looked = 0; looked < count && looked < this.#entries.size; looked += 1) {
      const entry = this.#nextInTurn()
      if (entry === undefined) return
      // A vanished device leaves its leases behind.
      if (entry.leases !== null) dropLapsedLeases(entry, nowMs)
      if (entry.leases !== null) continue
      if (nowMs - entry.usedAtMs >= this.#idleTtlMs) {
        this.#expired += 1
        this.#entries.delete(entry.userId)
      } else if (this.#entries.size > this.#maxUsers && !isBeingWarmed(entry, nowMs)) {
        this.#evicted += 1
        this.#entries.delete(entry.userId)
      }
    }
  }

  #nextInTurn(): UserEntry | undefined {
    const next = this.#hand.next()
    if (next.done !== true) return next.value
    this.#hand = this.#entries.values()
    return this.#hand.next().value
  }
}

type Cold = { readonly userId: UserId; readonly state: 'cold' }

/** Evicting it now would only make its warming begin again. */
function isBeingWarmed(entry: UserEntry, nowMs: number): boolean {
  return entry.state === 'warming' && nowMs - entry.warmBegunAtMs < WARM_TAKEOVER_MS
}
