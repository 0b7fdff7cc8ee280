import type { Rev, RoomId, UserId } from '@tally/protocol'
import type {
  BadgeValue,
  LeaseChange,
  LedgerOutcome,
  LedgerRoom,
  LedgerStep,
  NodeId,
  ReadyOutcome,
  RoomUpdate,
} from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerRoomView, LedgerView } from '../core/ledger-view.ts'
import type { LedgerRegister, MemberPart } from '../core/registers.ts'
import { REVS_PER_WARM } from '../core/user-entry.ts'
import type { WarmAnswer, WarmBeginning, WarmSnapshot } from '../core/warming.ts'
import type { PackedValues } from '../redis/packed-values.ts'

/** What the script is asked about one user. */
export type LedgerRequest = {
  readonly userId: UserId
  /** What it needs to know, as JSON. */
  readonly text: string
  /** How many rooms that names. */
  readonly rooms: number
  /** The first of those that a step merges. */
  readonly roomId?: RoomId | undefined
}

/** Numbers that are not known travel as -1: every real value merges over it. */
const UNKNOWN = -1

/** A member part that replaces none: nothing of it is known, and there are no flags. */
const NO_MEMBER = [UNKNOWN, UNKNOWN, 0, UNKNOWN]
const NO_FLAGS = 2

/** A state: the key answered. */
const READY = 2

/** In the place of a state: it is ready, and told is nothing but the one room that the step named, without flags. */
const ORDINARY = 3

/** In the place of a state: nothing was done. */
const OUTDATED = -1

// The flags of a room, one bit each.
const FEED = 1
const LEFT = 2
const MUTED = 4
const ARCHIVED = 8

export function encodeStep({ userId, rooms = [], leases = [] }: LedgerStep): LedgerRequest {
  const updates = encodeUpdates(rooms)
  const text = JSON.stringify(leases.length === 0 ? [updates] : [updates, leases.map(encodeLease)])
  return { userId, text, rooms: rooms.length, roomId: rooms[0]?.roomId }
}

export function encodeBeginning({ userId, warm, force = false }: WarmBeginning): LedgerRequest {
  return { userId, text: JSON.stringify([warm, force]), rooms: 0 }
}

/** A snapshot in parts of at most so many rooms; the last part ends the warming. */
export function encodeSnapshot(
  { userId, warm, registers, leases = [] }: WarmSnapshot,
  mostRooms: number,
): LedgerRequest[] {
  const parts: LedgerRequest[] = []
  for (let first = 0; first === 0 || first < registers.length; first += mostRooms) {
    const isLast = first + mostRooms >= registers.length
    const some = registers.slice(first, first + mostRooms)
    const asked = [warm, isLast, some.flatMap(encodeRegister)]
    const text = JSON.stringify(isLast && leases.length > 0 ? [...asked, leases.map(encodeLease)] : asked)
    parts.push({ userId, text, rooms: some.length })
  }
  return parts
}

export function encodeQuery({ userId, rooms = [], since = UNKNOWN }: LedgerQuery): LedgerRequest {
  const text = JSON.stringify([rooms, since])
  return { userId, text, rooms: rooms.length }
}

/** The epoch that a key knows of and its caller did not; 0 if the key answered. */
export function readEpochAhead(answers: PackedValues): number {
  if (answers.peek() !== OUTDATED) return 0
  answers.number()
  return answers.number()
}

export function readWarmAnswer(_: LedgerRequest, answers: PackedValues): WarmAnswer {
  const answer = answers.number()
  return answer === 0 ? 'begun' : answer === 1 ? 'busy' : 'ready'
}

export function readOutcome(request: LedgerRequest, answers: PackedValues): LedgerOutcome {
  const { userId } = request
  const state = answers.number()
  if (state === ORDINARY) return readOrdinary(request, answers)
  if (state !== READY) return { userId, state: state === 0 ? 'cold' : 'warming' }
  const { badge, warm } = readBadge(answers)
  const nodes = readTexts<NodeId>(answers)
  const badgeChanged = answers.number() === 1
  const sinceN = answers.number()
  return {
    userId,
    state: 'ready',
    badge,
    since: sinceN < 0 ? 0 : warm * REVS_PER_WARM + sinceN,
    badgeChanged,
    rooms: readMany(answers, answers.number(), readRoom),
    missing: readTexts<RoomId>(answers),
    nodes,
  }
}

function readOrdinary({ userId, roomId }: LedgerRequest, answers: PackedValues): ReadyOutcome {
  if (roomId === undefined) throw new Error('a room was told of that nobody named')
  const { badge } = readBadge(answers)
  const node = answers.text() as NodeId
  const badgeChanged = answers.number() === 1
  const revs = answers.number()
  const [shown, change] = [answers.number(), answers.number()]
  const room = { roomId, kind: 'room', shown, change, muted: false, archived: false, left: false } as const
  return {
    userId,
    state: 'ready',
    badge,
    since: badge.rev - revs,
    badgeChanged,
    rooms: revs === 0 ? NOTHING : [room],
    missing: NOTHING,
    nodes: node === '' ? NOTHING : [node],
  }
}

export function readView({ userId }: LedgerRequest, answers: PackedValues): LedgerView {
  const state = answers.number()
  if (state !== READY) return { userId, state: state === 0 ? 'cold' : 'warming' }
  const { badge } = readBadge(answers)
  const nodes = readTexts<NodeId>(answers)
  const rooms = readMany(answers, answers.number(), readRoomView)
  const changed = answers.number()
  return {
    userId,
    state: 'ready',
    badge,
    rooms,
    changedSince: changed === UNKNOWN ? 'unknown' : readMany(answers, changed, readRoom),
    opens: readTexts<RoomId>(answers),
    nodes,
  }
}

/** How many rooms and leases a user's keys hold. */
export function readCounts(_: LedgerRequest, answers: PackedValues): { rooms: number; leases: number } {
  return { rooms: answers.number(), leases: answers.number() }
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

// rev is put together here: Lua would write numbers of that size with too few digits.
function readBadge(answers: PackedValues): { badge: BadgeValue; warm: number } {
  const warm = answers.number()
  const rev = (warm * REVS_PER_WARM + answers.number()) as Rev
  const total = answers.number()
  const unreadRooms = answers.number()
  return { warm, badge: { total, unreadRooms, notifications: answers.number(), rev } }
}

const NOTHING: readonly never[] = Object.freeze([])

function readMany<T>(answers: PackedValues, count: number, read: (answers: PackedValues) => T): readonly T[] {
  if (count === 0) return NOTHING
  const values = [read(answers)]
  while (values.length < count) values.push(read(answers))
  return values
}

function readTexts<Text extends string>(answers: PackedValues): readonly Text[] {
  return readMany(answers, answers.number(), (from) => from.text() as Text)
}

function readRoom(answers: PackedValues): LedgerRoom {
  const roomId = answers.text() as RoomId
  const flags = answers.number()
  return {
    roomId,
    kind: (flags & FEED) === 0 ? 'room' : 'feed',
    shown: answers.number(),
    change: answers.number(),
    muted: (flags & MUTED) !== 0,
    archived: (flags & ARCHIVED) !== 0,
    left: (flags & LEFT) !== 0,
  }
}

function readRoomView(answers: PackedValues): LedgerRoomView {
  const room = readRoom(answers)
  const unread = answers.number()
  return { ...room, unread, open: answers.number() === 1 }
}

/** One behind the other. The last one, mostly the only one, ends with what is known. */
function encodeUpdates(rooms: readonly RoomUpdate[]): unknown[] {
  const values: unknown[] = []
  for (const { roomId, tally = UNKNOWN, change = UNKNOWN, member } of rooms) {
    values.push(roomId, tally, change, ...(member === undefined ? NO_MEMBER : encodeMember(member)))
  }
  const member = rooms.at(-1)?.member
  if (values.length > 0 && member === undefined) values.length -= NO_MEMBER.length
  if (member !== undefined && hasNoFlags(member)) values.length -= NO_FLAGS
  return values
}

function hasNoFlags({ kind, flags }: MemberPart): boolean {
  return kind === 'room' && !flags.left && !flags.muted && flags.archivedAtTally === null
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
      return [change.kind, change.deviceId, change.roomId, change.ttlMs, change.readEpoch]
    case 'close':
      return [change.kind, change.deviceId, change.roomId]
    case 'close-older':
      return [change.kind, change.roomId, change.beforeEpoch]
  }
}
