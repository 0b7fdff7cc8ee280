import type { UserId } from '@tally/protocol'
import type { LedgerOutcome, LedgerStep } from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerView } from '../core/ledger-view.ts'
import type { WarmAnswer, WarmBeginning, WarmSnapshot } from '../core/warming.ts'

/**
 * The fast copy of everybody's badge: per user one key of registers that merge. It may vanish at any time; PostgreSQL
 * is the truth. The rule is `core/user-entry.ts`; what every implementation promises is `ledger.contract.ts`.
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
   * Merges snapshots that were read after `beginWarm` said `begun`, puts the leases that come with them, and makes the
   * keys ready. A key that is gone or holds another warm number by now takes no registers; its outcome tells its state.
   * Rooms whose rows devices may still show as they were before are in the outcome.
   */
  finishWarm(users: readonly WarmSnapshot[]): Promise<LedgerOutcome[]>

  /**
   * Views in the order of the queries. Drops lapsed leases like a step does, so `rev` may rise by reading; the next
   * outcome tells what rose it.
   */
  read(queries: readonly LedgerQuery[]): Promise<LedgerView[]>

  /** Makes keys cold, leases included. In doubt this is always right: a ledger value is a copy. */
  drop(users: readonly UserId[] | 'all'): Promise<void>

  stats(): Promise<LedgerStats>
}

export type LedgerStats = {
  /** Keys, of whatever state. */
  readonly users: number
  /** Registers of all keys. */
  readonly rooms: number
  /** Connections and open rooms that have not lapsed as far as anybody looked. */
  readonly leases: number
  readonly bytesEstimate: number
  /** Keys that went because nobody used them any more. */
  readonly expired: number
  /** Keys that went earlier than that because there were too many. */
  readonly evicted: number
}
