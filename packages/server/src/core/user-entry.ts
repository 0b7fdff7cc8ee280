import type { Rev, RoomId, UserId } from '@tally/protocol'
import { Leases } from './leases.ts'
import type { BadgeValue, LedgerOutcome, LedgerRoom, LedgerStep, NodeId } from './ledger-step.ts'
import type { LedgerQuery, LedgerRoomView, LedgerView } from './ledger-view.ts'
import { RecencyList } from './recency-list.ts'
import { isArchived, MERGE_RULE, type MergeRule, shownOf, unreadOf } from './registers.ts'
import { createRoomEntry, isComplete, mergeUpdate, type RoomEntry } from './room-entry.ts'

/** rev = warm · 2^20 + n. An entry whose n is used up goes cold: the next warm number starts anew, higher. */
export const REVS_PER_WARM = 2 ** 20

/** The warm number a rev is of. */
export function warmOf(rev: number): number {
  return Math.floor(rev / REVS_PER_WARM)
}

const NOTHING: readonly never[] = Object.freeze([])

/**
 * One user's key: registers that merge, leases, and the badge that follows from both. The badge is kept by difference,
 * so that a step costs the same in 1 room and in 10,000; it always equals the sum over the rooms.
 */
export type UserEntry = {
  readonly userId: UserId
  readonly rooms: Map<RoomId, RoomEntry>
  /** Rooms that visibly changed since the entry became ready, latest first. */
  readonly changed: RecencyList<RoomEntry>
  state: 'warming' | 'ready'
  warm: number
  warmBegunAtMs: number
  /** Whether this entry was ever ready, so that devices may show what it said. */
  answered: boolean
  n: number
  total: number
  unreadRooms: number
  notifications: number
  badge: BadgeValue
  /** The badge of the last outcome; what changed since then is told with the next one. */
  told: BadgeValue
  /** `null` while there is none: most keys belong to people who are away. */
  leases: Leases | null
  /** The last time somebody wanted something of it; events that merely pass by do not count. */
  usedAtMs: number
}

/** A key that holds nothing yet: warming. */
export function createEntry(input: { userId: UserId; warm: number; nowMs: number }): UserEntry {
  const badge = { total: 0, unreadRooms: 0, notifications: 0, rev: revOf(input.warm, 0) }
  return {
    userId: input.userId,
    rooms: new Map(),
    changed: new RecencyList(),
    state: 'warming',
    warm: input.warm,
    warmBegunAtMs: input.nowMs,
    answered: false,
    n: 0,
    total: 0,
    unreadRooms: 0,
    notifications: 0,
    badge,
    told: badge,
    leases: null,
    usedAtMs: input.nowMs,
  }
}

/**
 * The ledger rule, as one step: drops lapsed leases, changes leases, merges, moves the badge by the difference, answers.
 * Deterministic: time comes in, nothing else does. When it answers `cold` the entry is used up and must be thrown away.
 * @param rule is an argument so that tests can weaken it and see what breaks.
 */
export function applyStep(
  entry: UserEntry,
  step: Omit<LedgerStep, 'userId'>,
  nowMs: number,
  rule: MergeRule = MERGE_RULE,
): LedgerOutcome {
  const { userId } = entry
  const affected = changeLeases(entry, step, nowMs)
  if (step.rooms !== undefined) {
    for (const update of step.rooms) {
      const room = roomEntryOf(entry, update.roomId)
      mergeUpdate(room, update, rule)
      room.pending = true
      affected.push(room)
    }
  }
  if (entry.state === 'warming') return { userId, state: 'warming' }
  settle(entry, affected)
  return isUsedUp(entry) ? { userId, state: 'cold' } : tell(entry, missingOf(affected))
}

/** What the entry says now; lapsed leases are dropped first. When it answers `cold` the entry must be thrown away. */
export function readEntry(entry: UserEntry, query: LedgerQuery, nowMs: number): LedgerView {
  const { userId } = entry
  entry.usedAtMs = nowMs
  dropLapsedLeases(entry, nowMs)
  if (entry.state === 'warming') return { userId, state: 'warming' }
  if (isUsedUp(entry)) return { userId, state: 'cold' }
  const rooms: LedgerRoomView[] = []
  for (const roomId of query.rooms ?? NOTHING) {
    const room = entry.rooms.get(roomId)
    if (room === undefined || room.visible === null) continue
    rooms.push({ ...room.visible, unread: unreadOf(room), open: isOpen(entry, roomId) })
  }
  return {
    userId,
    state: 'ready',
    badge: entry.badge,
    rooms,
    changedSince: query.since === undefined ? 'unknown' : changedSince(entry, query.since),
    opens: entry.leases === null ? NOTHING : entry.leases.openRooms(),
    nodes: nodesOf(entry),
  }
}

/** What lapsed counts again from now on. The next outcome tells it: nobody is listening here. */
export function dropLapsedLeases(entry: UserEntry, nowMs: number): void {
  const affected = changeLeases(entry, {}, nowMs)
  if (entry.state === 'ready') settle(entry, affected)
}

/** The entry's registers of a room, made if there are none. */
export function roomEntryOf(entry: UserEntry, roomId: RoomId): RoomEntry {
  const held = entry.rooms.get(roomId)
  if (held !== undefined) return held
  const room = createRoomEntry(roomId)
  entry.rooms.set(roomId, room)
  return room
}

/** Takes a room's last answer out of the badge and puts the present one in. @returns whether they differ. */
export function refreshRoom(entry: UserEntry, room: RoomEntry): boolean {
  room.pending = false
  const was = room.visible
  const { left, muted } = room.flags
  // Whatever still arrives for a room one has left changes nothing one could see.
  if (left && was?.left === true) return false
  const shown = shownOf(room, isOpen(entry, room.roomId))
  const archived = isArchived(room)
  if (
    was !== null &&
    was.shown === shown &&
    was.change === room.change &&
    was.left === left &&
    was.muted === muted &&
    was.archived === archived
  ) {
    return false
  }
  const now = { roomId: room.roomId, kind: room.kind, shown, change: room.change, muted, archived, left }
  if (was !== null) countVisible(entry, was, -1)
  countVisible(entry, now, 1)
  room.visible = now
  return true
}

/** Adds what is visible of a room to the badge, or takes it out: the feed to `notifications`, muted and archived rooms nowhere. */
export function countVisible(entry: UserEntry, room: LedgerRoom, sign: 1 | -1): void {
  if (room.shown === 0) return
  if (room.kind === 'feed') {
    entry.notifications += sign * room.shown
  } else if (!room.muted && !room.archived) {
    entry.total += sign * room.shown
    entry.unreadRooms += sign
  }
}

/** Puts the entry's numbers into a badge of its present rev. */
export function renewBadge(entry: UserEntry): void {
  const { total, unreadRooms, notifications } = entry
  entry.badge = { total, unreadRooms, notifications, rev: revOf(entry.warm, entry.n) }
}

/** Before the list of changes goes: what lapsed in a read and was not told yet stays to be told. */
export function keepUntold(entry: UserEntry): void {
  const toldN = nOf(entry, entry.told.rev)
  for (let room = entry.changed.newest; room !== null && room.changedAtN > toldN; room = room.older) {
    room.pending = true
  }
}

/** Whether all revs of the warm are given out. */
function isUsedUp(entry: UserEntry): boolean {
  return entry.n >= REVS_PER_WARM
}

/** Where the user is connected. */
export function nodesOf(entry: UserEntry): readonly NodeId[] {
  return entry.leases === null ? NOTHING : entry.leases.nodes
}

/** Whether two badges say the same, whatever their revs. */
export function saysTheSame(a: BadgeValue, b: BadgeValue): boolean {
  return a.total === b.total && a.unreadRooms === b.unreadRooms && a.notifications === b.notifications
}

/** Puts a step's leases and drops those that lapsed. @returns the known rooms that opened or closed by it. */
function changeLeases(entry: UserEntry, step: Omit<LedgerStep, 'userId'>, nowMs: number): RoomEntry[] {
  const affected: RoomEntry[] = []
  if (entry.leases === null && step.leases === undefined) return affected
  const leases = entry.leases ?? new Leases()
  const flipped = leases.dropLapsed(nowMs)
  if (step.leases !== undefined) {
    entry.usedAtMs = nowMs
    for (const change of step.leases) flipped.push(...leases.apply(change, nowMs))
  }
  entry.leases = leases.empty ? null : leases
  for (const roomId of flipped) {
    const room = entry.rooms.get(roomId)
    if (room !== undefined) affected.push(room)
  }
  return affected
}

/** Brings the badge in line with the rooms. All merging is done by now: a room that went there and back did not change. */
function settle(entry: UserEntry, affected: readonly RoomEntry[]): void {
  const n = entry.n + 1
  for (const room of affected) {
    if (!isComplete(room) || !refreshRoom(entry, room)) continue
    room.changedAtN = n
    entry.changed.touch(room)
    entry.n = n
  }
  if (entry.n === n) renewBadge(entry)
}

function missingOf(affected: readonly RoomEntry[]): readonly RoomId[] {
  const missing = affected.filter((room) => !isComplete(room))
  return missing.length === 0 ? NOTHING : [...new Set(missing.map(({ roomId }) => roomId))]
}

/** Tells what changed since the last outcome: by this step, or by leases that lapsed in a read before it. */
function tell(entry: UserEntry, missing: readonly RoomId[]): LedgerOutcome {
  const { userId, badge, told } = entry
  const rooms = badge.rev === told.rev ? NOTHING : changedAfter(entry, nOf(entry, told.rev))
  const badgeChanged = !saysTheSame(told, badge)
  entry.told = badge
  const since = told.rev
  return { userId, state: 'ready', badge, since, badgeChanged, rooms, missing, nodes: nodesOf(entry) }
}

function changedSince(entry: UserEntry, since: number): readonly LedgerRoom[] | 'unknown' {
  const n = nOf(entry, since)
  return n < 0 || n > entry.n ? 'unknown' : changedAfter(entry, n)
}

function changedAfter(entry: UserEntry, n: number): LedgerRoom[] {
  const changed: LedgerRoom[] = []
  for (let room = entry.changed.newest; room !== null && room.changedAtN > n; room = room.older) {
    if (room.visible !== null) changed.push(room.visible)
  }
  return changed
}

function isOpen(entry: UserEntry, roomId: RoomId): boolean {
  return entry.leases?.isOpen(roomId) ?? false
}

/** The n of a rev, outside of 0 … 2^20 if it is of another warm. */
function nOf(entry: UserEntry, rev: number): number {
  return rev - revOf(entry.warm, 0)
}

function revOf(warm: number, n: number): Rev {
  return (warm * REVS_PER_WARM + n) as Rev
}
