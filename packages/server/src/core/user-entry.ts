import type { Rev, RoomId, UserId } from '@tally/protocol'
import { Leases } from './leases.ts'
import type { BadgeValue, LedgerOutcome, LedgerRoom, LedgerStep, NodeId } from './ledger-step.ts'
import type { LedgerQuery, LedgerRoomView, LedgerView } from './ledger-view.ts'
import { RecencyList } from './recency-list.ts'
import { isArchived, MERGE_RULE, type MergeRule, shownOf, unreadOf } from './registers.ts'
import { createRoomEntry, isComplete, mergeUpdate, type RoomEntry } from './room-entry.ts'

/** rev = warm · 2^20 + n. An entry whose n is used up goes cold: the next warm number starts anew, higher. */
export const REVS_PER_WARM = 2 ** 20

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
  /** `null` while there is none: most keys belong to people who are away. */
  leases: Leases | null
  /** The last time somebody wanted something of it; events that merely pass by do not count. */
  usedAtMs: number
}

/** A key that holds nothing yet: warming. */
export function createEntry(input: { userId: UserId; warm: number; nowMs: number }): UserEntry {
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
    badge: { total: 0, unreadRooms: 0, notifications: 0, rev: revOf(input.warm, 0) },
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
  const affected = changeLeases(entry, step, nowMs)
  if (step.rooms !== undefined) {
    for (const update of step.rooms) {
      const room = roomEntryOf(entry, update.roomId)
      mergeUpdate(room, update, rule)
      room.pending = true
      affected.push(room)
    }
  }
  return entry.state === 'warming' ? { userId: entry.userId, state: 'warming' } : settle(entry, affected)
}

/** What the entry says now; lapsed leases are dropped first. When it answers `cold` the entry must be thrown away. */
export function readEntry(entry: UserEntry, query: LedgerQuery, nowMs: number): LedgerView {
  const { userId } = entry
  entry.usedAtMs = nowMs
  const outcome = applyStep(entry, {}, nowMs)
  if (outcome.state !== 'ready') return { userId, state: outcome.state }
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
    nodes: outcome.nodes,
  }
}

/** The entry's registers of a room, made if there are none. */
export function roomEntryOf(entry: UserEntry, roomId: RoomId): RoomEntry {
  const held = entry.rooms.get(roomId)
  if (held !== undefined) return held
  const room = createRoomEntry(roomId)
  entry.rooms.set(roomId, room)
  return room
}

/**
 * Takes a room's last answer out of the badge and puts the present one in.
 * @returns what is visible now if that is something else than before.
 */
export function refreshRoom(entry: UserEntry, room: RoomEntry): LedgerRoom | undefined {
  room.pending = false
  const was = room.visible
  const { left, muted } = room.flags
  // Whatever still arrives for a room one has left changes nothing one could see.
  if (left && was?.left === true) return undefined
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
    return undefined
  }
  const now = { roomId: room.roomId, kind: room.kind, shown, change: room.change, muted, archived, left }
  if (was !== null) countVisible(entry, was, -1)
  countVisible(entry, now, 1)
  room.visible = now
  return now
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

/** The entry's answer: its badge, under its present rev, and what the step did. */
export function answerOf(
  entry: UserEntry,
  rooms: readonly LedgerRoom[],
  missing: readonly RoomId[],
): LedgerOutcome {
  const { badge: was, total, unreadRooms, notifications } = entry
  const rev = revOf(entry.warm, entry.n)
  const badgeChanged =
    was.total !== total || was.unreadRooms !== unreadRooms || was.notifications !== notifications
  if (badgeChanged || was.rev !== rev) entry.badge = { total, unreadRooms, notifications, rev }
  const nodes: readonly NodeId[] = entry.leases === null ? NOTHING : entry.leases.nodes
  return { userId: entry.userId, state: 'ready', badge: entry.badge, badgeChanged, rooms, missing, nodes }
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

/** Answers a step of a ready entry. All merging is done by now, so a room that went there and back did not change. */
function settle(entry: UserEntry, affected: readonly RoomEntry[]): LedgerOutcome {
  const changed: LedgerRoom[] = []
  const missing: RoomId[] = []
  for (const room of affected) {
    if (!isComplete(room)) {
      if (!missing.includes(room.roomId)) missing.push(room.roomId)
      continue
    }
    const visible = refreshRoom(entry, room)
    if (visible === undefined) continue
    room.changedAtN = entry.n + 1
    entry.changed.touch(room)
    changed.push(visible)
  }
  if (changed.length > 0) entry.n += 1
  if (entry.n >= REVS_PER_WARM) return { userId: entry.userId, state: 'cold' }
  return answerOf(entry, changed, missing)
}

function changedSince(entry: UserEntry, since: number): readonly LedgerRoom[] | 'unknown' {
  const n = since - revOf(entry.warm, 0)
  if (n < 0 || n > entry.n) return 'unknown'
  const changed: LedgerRoom[] = []
  for (let room = entry.changed.newest; room !== null && room.changedAtN > n; room = room.older) {
    if (room.visible !== null) changed.push(room.visible)
  }
  return changed
}

function isOpen(entry: UserEntry, roomId: RoomId): boolean {
  return entry.leases?.isOpen(roomId) ?? false
}

function revOf(warm: number, n: number): Rev {
  return (warm * REVS_PER_WARM + n) as Rev
}
