import type { RoomId } from '@tally/protocol'
import type { LedgerRoom, RoomUpdate } from './ledger-step.ts'
import type { LedgerRoomKind, MemberFlags, MergeRule } from './registers.ts'

/** A part of a register that no event and no snapshot has told yet. Every real value merges over it. */
const UNKNOWN = -1

/** Most members never mute, archive or leave: they share one object. */
const NO_FLAGS: MemberFlags = Object.freeze({ left: false, muted: false, archivedAtTally: null })

/** One user's registers of one room, and what was last answered about it. */
export type RoomEntry = {
  readonly roomId: RoomId
  kind: LedgerRoomKind
  tally: number
  change: number
  settled: number
  version: number
  flags: MemberFlags
  /** As last answered; exactly this is counted in the badge. `null`: never answered. */
  visible: LedgerRoom | null
  /** The n of the last visible change. */
  changedAtN: number
  /** An event named this room and no answer has told yet what came of it. */
  pending: boolean
  /** Its place in the list of rooms that changed. */
  newer: RoomEntry | null
  older: RoomEntry | null
}

/** A room of which nothing is known but its id. */
export function createRoomEntry(roomId: RoomId): RoomEntry {
  return {
    roomId,
    kind: 'room',
    tally: UNKNOWN,
    change: 0,
    settled: UNKNOWN,
    version: UNKNOWN,
    flags: NO_FLAGS,
    visible: null,
    changedAtN: 0,
    pending: false,
    newer: null,
    older: null,
  }
}

/** Whether both halves are known. Half a register shows nothing rather than a guess. */
export function isComplete(room: RoomEntry): boolean {
  return room.tally !== UNKNOWN && room.version !== UNKNOWN
}

/** Merges what an event or a snapshot says of the room: its counters, and the member's settled and flags together. */
export function mergeUpdate(room: RoomEntry, update: Omit<RoomUpdate, 'roomId'>, rule: MergeRule): void {
  const { tally, change, member } = update
  if (tally !== undefined) room.tally = rule.counter(room.tally, tally)
  if (change !== undefined) room.change = rule.counter(room.change, change)
  if (member === undefined || (room.version !== UNKNOWN && !rule.replaces(room, member))) return
  const { flags } = member
  room.kind = member.kind
  room.settled = member.settled
  room.version = member.version
  room.flags = flags.left || flags.muted || flags.archivedAtTally !== null ? flags : NO_FLAGS
}

/** Forgets the registers but not what was answered: a fresh snapshot will be compared with that. */
export function forgetRegisters(room: RoomEntry): void {
  room.tally = UNKNOWN
  room.change = 0
  room.settled = UNKNOWN
  room.version = UNKNOWN
  room.flags = NO_FLAGS
  room.changedAtN = 0
}
