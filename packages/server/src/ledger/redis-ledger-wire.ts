import type { Rev, RoomId, UserId } from '@tally/protocol'
import type {
  LeaseChange,
  LedgerOutcome,
  LedgerRoom,
  LedgerStep,
  ReadyOutcome,
  RoomUpdate,
} from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerRoomView, LedgerView } from '../core/ledger-view.ts'
import type { LedgerRegister, MemberPart } from '../core/registers.ts'
import { REVS_PER_WARM } from '../core/user-entry.ts'
import type { WarmAnswer, WarmBeginning, WarmSnapshot } from '../core/warming.ts'

/** What the script is asked about one user. */
export type LedgerRequest = {
  readonly userId: UserId
  /** What it needs to know, as JSON. */
  readonly text: string
  /** How many rooms that names. */
  readonly rooms: number
}

/** Numbers that are not known travel as -1: every real value merges over it. */
const UNKNOWN = -1

/** A member part that replaces none. */
const NO_MEMBER = [UNKNOWN, UNKNOWN, 0, UNKNOWN]

/** In the place of a state: nothing was done. */
const OUTDATED = -1

// The flags of a room, one bit each.
const FEED = 1
const LEFT = 2
const MUTED = 4
const ARCHIVED = 8

export function encodeStep({ userId, rooms = [], leases = [] }: LedgerStep): LedgerRequest {
  const updates = rooms.flatMap(encodeUpdate)
  const text = JSON.stringify(leases.length === 0 ? [updates] : [updates, leases.map(encodeLease)])
  return { userId, text, rooms: rooms.length }
}

export function encodeBeginning({ userId, warm, force = false }: WarmBeginning): LedgerRequest {
  return { userId, text: JSON.stringify([warm, force]), rooms: 0 }
}

/** A snapshot in parts of at most so many rooms; the last part ends the warming. */
export function encodeSnapshot(
  { userId, warm, registers }: WarmSnapshot,
  mostRooms: number,
): LedgerRequest[] {
  const parts: LedgerRequest[] = []
  for (let first = 0; first === 0 || first < registers.length; first += mostRooms) {
    const isLast = first + mostRooms >= registers.length
    const some = registers.slice(first, first + mostRooms)
    const text = JSON.stringify([warm, isLast, some.flatMap(encodeRegister)])
    parts.push({ userId, text, rooms: some.length })
  }
  return parts
}

export function encodeQuery({ userId, rooms = [], since = UNKNOWN }: LedgerQuery): LedgerRequest {
  const text = JSON.stringify([rooms, since])
  return { userId, text, rooms: rooms.length }
}

/** The epoch that a key knows of and its caller did not; 0 if the key answered. */
export function epochAhead(answer: unknown): number {
  return Array.isArray(answer) && answer[0] === OUTDATED ? Number(answer[1]) : 0
}

export function decodeWarmAnswer(answer: unknown): WarmAnswer {
  return answer === 0 ? 'begun' : answer === 1 ? 'busy' : 'ready'
}

export function decodeOutcome(userId: UserId, answer: unknown): LedgerOutcome {
  const [state, ...ready] = answer as RawOutcome
  const [warm, , , , , nodes, badgeChanged, rooms, missing, sinceN] = ready
  if (state !== 2) return { userId, state: state === 0 ? 'cold' : 'warming' }
  return {
    userId,
    state: 'ready',
    badge: decodeBadge(ready),
    since: sinceN < 0 ? 0 : warm * REVS_PER_WARM + sinceN,
    badgeChanged: badgeChanged === 1,
    rooms: decodeRooms(rooms),
    missing,
    nodes,
  }
}

export function decodeView(userId: UserId, answer: unknown): LedgerView {
  const [state, ...ready] = answer as RawView
  const [, , , , , nodes, rooms, changed, opens] = ready
  if (state !== 2) return { userId, state: state === 0 ? 'cold' : 'warming' }
  return {
    userId,
    state: 'ready',
    badge: decodeBadge(ready),
    rooms: decodeRoomViews(rooms),
    changedSince: changed === null ? 'unknown' : decodeRooms(changed),
    opens,
    nodes,
  }
}

/** The outcome of several steps of one user, one after the other: what each of them told, as it is after the last. */
export function joinOutcomes(outcomes: readonly LedgerOutcome[]): LedgerOutcome {
  const last = outcomes.at(-1)
  if (last === undefined) throw new Error('no outcome to join')
  if (last.state !== 'ready' || outcomes.length === 1) return last
  const ready = outcomes.filter((outcome): outcome is ReadyOutcome => outcome.state === 'ready')
  const rooms = new Map<RoomId, LedgerRoom>()
  for (const outcome of ready.reverse()) {
    for (const room of outcome.rooms) if (!rooms.has(room.roomId)) rooms.set(room.roomId, room)
  }
  return {
    ...last,
    since: ready.at(-1)?.since ?? last.since,
    badgeChanged: ready.some(({ badgeChanged }) => badgeChanged),
    rooms: [...rooms.values()],
    missing: [...new Set(ready.flatMap(({ missing }) => missing))],
  }
}

type RawBadge = [warm: number, n: number, total: number, unreadRooms: number, notifications: number]

/** Four values a room: id, flags, shown, change; in a view two more: unread, open. */
type RawRooms = readonly (string | number)[]

type RawOutcome = [
  state: number,
  ...badge: RawBadge,
  nodes: string[],
  badgeChanged: number,
  rooms: RawRooms,
  missing: RoomId[],
  sinceN: number,
]

type RawView = [
  state: number,
  ...badge: RawBadge,
  nodes: string[],
  rooms: RawRooms,
  changed: RawRooms | null,
  opens: RoomId[],
]

// rev is put together here: Lua writes numbers of that size with too few digits.
function decodeBadge([
  warm,
  n,
  total,
  unreadRooms,
  notifications,
]: readonly unknown[]): ReadyOutcome['badge'] {
  const rev = (Number(warm) * REVS_PER_WARM + Number(n)) as Rev
  return {
    total: Number(total),
    unreadRooms: Number(unreadRooms),
    notifications: Number(notifications),
    rev,
  }
}

function decodeRooms(raw: RawRooms): LedgerRoom[] {
  const rooms: LedgerRoom[] = []
  for (let at = 0; at < raw.length; at += 4) rooms.push(decodeRoom(raw, at))
  return rooms
}

function decodeRoomViews(raw: RawRooms): LedgerRoomView[] {
  const rooms: LedgerRoomView[] = []
  for (let at = 0; at < raw.length; at += 6) {
    rooms.push({ ...decodeRoom(raw, at), unread: Number(raw[at + 4]), open: raw[at + 5] === 1 })
  }
  return rooms
}

function decodeRoom(raw: RawRooms, at: number): LedgerRoom {
  const flags = Number(raw[at + 1])
  return {
    roomId: raw[at] as RoomId,
    kind: (flags & FEED) === 0 ? 'room' : 'feed',
    shown: Number(raw[at + 2]),
    change: Number(raw[at + 3]),
    muted: (flags & MUTED) !== 0,
    archived: (flags & ARCHIVED) !== 0,
    left: (flags & LEFT) !== 0,
  }
}

function encodeUpdate({ roomId, tally = UNKNOWN, change = UNKNOWN, member }: RoomUpdate): unknown[] {
  return [roomId, tally, change, ...(member === undefined ? NO_MEMBER : encodeMember(member))]
}

function encodeRegister(register: LedgerRegister): unknown[] {
  return [register.roomId, register.tally, register.change, ...encodeMember(register)]
}

function encodeMember({ kind, settled, version, flags }: MemberPart): number[] {
  const bits = (kind === 'feed' ? FEED : 0) | (flags.left ? LEFT : 0) | (flags.muted ? MUTED : 0)
  return [settled, version, bits, flags.archivedAtTally ?? UNKNOWN]
}

function encodeLease(change: LeaseChange): unknown[] {
  switch (change.kind) {
    case 'connect':
      return [change.kind, change.deviceId, change.nodeId, change.ttlMs]
    case 'disconnect':
      return [change.kind, change.deviceId]
    case 'open':
      return [change.kind, change.deviceId, change.roomId, change.ttlMs]
    case 'close':
      return [change.kind, change.deviceId, change.roomId]
    case 'close-all':
      return [change.kind, change.roomId]
  }
}
