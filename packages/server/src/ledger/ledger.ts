import type { RoomId, UserId } from '@tally/protocol'
import type { BadgeValue, LedgerOutcome, LedgerRoom, LedgerStep, NodeId } from '../core/ledger-step.ts'
import type { LedgerRegister } from '../core/registers.ts'

/**
 * The fast copy of everybody's badge: per user one key of registers that merge. It may vanish at any time; PostgreSQL
 * is the truth. The rule is `core/user-entry.ts`, what every implementation promises is `ledger.contract.ts`.
 */
export interface Ledger {
  /** One atomic step per user; outcomes in the order of the steps. Events may come late, twice and in any order. */
  apply(steps: readonly LedgerStep[]): Promise<LedgerOutcome[]>

  /**
   * Creates the users' keys, before their snapshots are read: whatever is committed later than the snapshot then meets
   * a key. Answers in the order of the users.
   */
  beginWarm(users: readonly WarmBeginning[]): Promise<WarmAnswer[]>

  /**
   * Merges snapshots that were read after `beginWarm` said `begun`, and makes the keys ready. A key that is gone or
   * holds another warm number by now is left alone; its outcome tells its state. A warming that replaced an older
   * ready state, or met events, lists the rooms whose rows devices may still show as they were.
   */
  finishWarm(users: readonly WarmSnapshot[]): Promise<LedgerOutcome[]>

  /** Views in the order of the queries. Drops lapsed leases like a step does, so `rev` may rise by reading. */
  read(queries: readonly LedgerQuery[]): Promise<LedgerView[]>

  /** Makes keys cold, leases included. In doubt this is always right: a ledger value is a copy. */
  drop(users: readonly UserId[] | 'all'): Promise<void>

  stats(): Promise<LedgerStats>
}

export type WarmBeginning = {
  readonly userId: UserId
  /** From the database's sequence, a new one for every attempt: it is the high part of `rev`, which must not fall. */
  readonly warm: number
  /** Warm a key that is ready, too: its registers are read anew, its leases stay. */
  readonly force?: boolean
}

/**
 * - `begun`: the key holds this warm number: read the snapshot and finish.
 * - `busy`: another warming began less than `WARM_TAKEOVER_MS` ago or holds a higher number: wait for it.
 * - `ready`: nothing to do.
 */
export type WarmAnswer = 'begun' | 'busy' | 'ready'

export type WarmSnapshot = {
  readonly userId: UserId
  readonly warm: number
  /** Every room the user ever had a member row in, left ones too, and the feed. */
  readonly registers: readonly LedgerRegister[]
}

export type LedgerQuery = {
  readonly userId: UserId
  /** Rooms to be told in full. */
  readonly rooms?: readonly RoomId[]
  /** A rev: what changed after it? */
  readonly since?: number
}

export type LedgerView =
  | { readonly userId: UserId; readonly state: 'cold' | 'warming' }
  | {
      readonly userId: UserId
      readonly state: 'ready'
      readonly badge: BadgeValue
      /** Those of the named rooms that the key holds, in the order named. */
      readonly rooms: readonly LedgerRoomView[]
      /** Latest change first, left rooms included; `unknown` without `since`, or when it is of another warm or above rev. */
      readonly changedSince: readonly LedgerRoom[] | 'unknown'
      /** Rooms open on any device. */
      readonly opens: readonly RoomId[]
      readonly nodes: readonly NodeId[]
    }

export type LedgerRoomView = LedgerRoom & {
  /** tally − settled, shown or not. */
  readonly unread: number
  readonly open: boolean
}

export type LedgerStats = {
  readonly users: number
  readonly rooms: number
  readonly bytesEstimate: number
  /** Keys that went because nobody used them, and those that went early because there were too many. */
  readonly expired: number
  readonly evicted: number
}
