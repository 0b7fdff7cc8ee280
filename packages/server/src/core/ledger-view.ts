import type { RoomId, UserId } from '@tally/protocol'
import type { BadgeValue, LedgerRoom, NodeId } from './ledger-step.ts'

/** A question about one user. */
export type LedgerQuery = {
  readonly userId: UserId
  /** Rooms to be told in full. */
  readonly rooms?: readonly RoomId[]
  /** A rev: what changed after it? */
  readonly since?: number
}

/** A room with what is behind its number. */
export type LedgerRoomView = LedgerRoom & {
  /** tally − settled, shown or not. */
  readonly unread: number
  /** On any live device. */
  readonly open: boolean
}

/** What the key says now. */
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
      /** Where the user is connected. */
      readonly nodes: readonly NodeId[]
    }
