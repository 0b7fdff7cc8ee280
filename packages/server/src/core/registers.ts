import type { RoomId } from '@tally/protocol'

/** `room`: people talk in it. `feed`: one person's notifications, a room with one member. */
export type LedgerRoomKind = 'room' | 'feed'

/** What a member's row says beside its numbers. Flags travel with `settled`, under the row's one version. */
export type MemberFlags = {
  readonly left: boolean
  readonly muted: boolean
  /** The room's tally when the member archived it; `null`: not archived. */
  readonly archivedAtTally: number | null
}

/** A member's part of a register: absolute values of the row as of `version`. */
export type MemberPart = {
  readonly kind: LedgerRoomKind
  /** How many of the room's counted messages are not unread for this member, whatever the reason. */
  readonly settled: number
  /** Rises with every change of the member's row and never falls. */
  readonly version: number
  readonly flags: MemberFlags
}

/** Everything a badge needs to know of one (user, room), as one snapshot of the database saw it. */
export type LedgerRegister = MemberPart & {
  readonly roomId: RoomId
  /** How many counted messages the room ever had. */
  readonly tally: number
  /** Up by one with everything people can see change in the room. */
  readonly change: number
}

/**
 * How two copies of a register become one. Both rules are commutative, associative and idempotent, so copies may arrive
 * late, twice and in any order and the result is the same. (docs/BADGES.md.)
 */
export type MergeRule = {
  /** `tally` and `change`. */
  readonly counter: (held: number, offered: number) => number
  /** Whether the offered (settled, flags) take the place of those held. */
  readonly replaces: (
    held: { readonly version: number; readonly settled: number },
    offered: { readonly version: number; readonly settled: number },
  ) => boolean
}

/** The rule: counters that only grow merge by max, the rest by the higher version. */
export const MERGE_RULE: MergeRule = {
  counter: (held, offered) => (offered > held ? offered : held),
  replaces: (held, offered) => offered.version > held.version,
}

/** How many counted messages are unread for the member, whether shown or not. */
export function unreadOf(register: { readonly tally: number; readonly settled: number }): number {
  // Within one commit settled ≤ tally. A member part that travels ahead of its tally may be above it for a moment:
  // nothing is known to be unread then.
  return register.tally > register.settled ? register.tally - register.settled : 0
}

/** Archived until the next counted message: a higher tally un-archives by itself, no row has to be written. */
export function isArchived(register: { readonly tally: number; readonly flags: MemberFlags }): boolean {
  const { archivedAtTally } = register.flags
  return archivedAtTally !== null && archivedAtTally >= register.tally
}

/** The number on the room: nothing in a room one left or has open on a live device, else what is unread. */
export function shownOf(
  register: { readonly tally: number; readonly settled: number; readonly flags: MemberFlags },
  open: boolean,
): number {
  return register.flags.left || open ? 0 : unreadOf(register)
}
