import type { RoomId, UserId } from '@tally/protocol'
import type { LeaseChange, LedgerOutcome, LedgerRoom } from './ledger-step.ts'
import { type LedgerRegister, MERGE_RULE, type MergeRule } from './registers.ts'
import { forgetRegisters, isComplete, mergeUpdate } from './room-entry.ts'
import {
  applyStep,
  countVisible,
  keepUntold,
  nodesOf,
  refreshRoom,
  renewBadge,
  roomEntryOf,
  saysTheSame,
  type UserEntry,
} from './user-entry.ts'

/** After this long a warming counts as lost, and another may take its place. */
export const WARM_TAKEOVER_MS = 5_000

export type WarmBeginning = {
  readonly userId: UserId
  /** From the database's sequence, a new one for every attempt: it is the high part of `rev`, which must not fall. */
  readonly warm: number
  /** Warm a ready key as well: its registers are read anew, its leases stay. */
  readonly force?: boolean
}

/**
 * - `begun`: the key holds this warm number: read the snapshot and finish.
 * - `busy`: another warming began less than `WARM_TAKEOVER_MS` ago, or holds a higher number: wait for it.
 * - `ready`: nothing to do.
 */
export type WarmAnswer = 'begun' | 'busy' | 'ready'

export type WarmSnapshot = {
  readonly userId: UserId
  readonly warm: number
  /** Every room the user ever had a member row in, left ones too, and the feed. */
  readonly registers: readonly LedgerRegister[]
  /** What is put with it: the badge is summed up as these leave the key. */
  readonly leases?: readonly LeaseChange[]
}

/** Begins to warm an entry that is there already. The registers go, so that a wrong one goes too; the leases stay. */
export function beginWarm(entry: UserEntry, beginning: WarmBeginning, nowMs: number): WarmAnswer {
  const { warm, force = false } = beginning
  // The same number again is the same request again: its answer was lost.
  if (entry.state === 'ready' && (!force || warm === entry.warm)) return 'ready'
  if (warm === entry.warm) return 'begun'
  const underWay = entry.state === 'warming' && nowMs - entry.warmBegunAtMs < WARM_TAKEOVER_MS
  if (underWay || warm < entry.warm) return 'busy'
  keepUntold(entry)
  entry.state = 'warming'
  entry.warm = warm
  entry.warmBegunAtMs = nowMs
  entry.usedAtMs = nowMs
  entry.n = 0
  entry.changed.clear()
  for (const room of entry.rooms.values()) forgetRegisters(room)
  return 'begun'
}

/** Merges a snapshot and makes the entry ready, if the entry still holds the snapshot's warm number. */
export function finishWarm(
  entry: UserEntry,
  snapshot: WarmSnapshot,
  nowMs: number,
  rule: MergeRule = MERGE_RULE,
): LedgerOutcome {
  const leases = snapshot.leases?.length ? { leases: snapshot.leases } : {}
  // Another's snapshot may be older than this key: what was committed between the two would be lost.
  if (entry.warm !== snapshot.warm) return applyStep(entry, leases, nowMs)
  if (entry.state === 'ready') {
    const rooms = snapshot.registers.map((register) => ({ ...register, member: register }))
    return applyStep(entry, { rooms, ...leases }, nowMs, rule)
  }
  // On an entry that is being warmed this puts the leases and answers nothing.
  applyStep(entry, leases, nowMs)
  for (const register of snapshot.registers) {
    const { roomId, tally, change } = register
    mergeUpdate(roomEntryOf(entry, roomId), { tally, change, member: register }, rule)
  }
  return becomeReady(entry, nowMs)
}

/**
 * Sums the badge up anew. Told are the rooms that devices may show otherwise: those that events named meanwhile, and on
 * an entry that answered before, all that differ from that answer. (Of a new entry nobody has been told anything.)
 */
function becomeReady(entry: UserEntry, nowMs: number): LedgerOutcome {
  const rooms: LedgerRoom[] = []
  const missing: RoomId[] = []
  for (const room of entry.rooms.values()) {
    if (isComplete(room)) {
      const isNamed = room.pending
      const differs = refreshRoom(entry, room)
      if ((isNamed || (differs && entry.answered)) && room.visible !== null) rooms.push(room.visible)
      continue
    }
    if (room.visible !== null) {
      // Member rows are never deleted: only a database restored to an older state can have lost one.
      countVisible(entry, room.visible, -1)
      rooms.push({ ...room.visible, shown: 0, left: true })
      room.visible = null
    }
    if (room.pending) missing.push(room.roomId)
    else entry.rooms.delete(room.roomId)
  }
  renewBadge(entry)
  const { userId, badge, told, answered } = entry
  entry.state = 'ready'
  entry.answered = true
  entry.told = badge
  entry.usedAtMs = nowMs
  const badgeChanged = !answered || !saysTheSame(told, badge)
  // What was told before was of another warm, or of a key that is gone.
  return { userId, state: 'ready', badge, since: 0, badgeChanged, rooms, missing, nodes: nodesOf(entry) }
}
