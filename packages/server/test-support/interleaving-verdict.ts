import { isDeepStrictEqual } from 'node:util'
import { committedIn, type GroupAnswer } from '../src/store/group-answer.ts'
import type { Answer } from './interleaving-session.ts'
import type { MemberRow, OutboxRow, RoomRow, Snapshot } from './interleaving-snapshot.ts'

/** What two actions at the same time led to. */
export type Outcome = {
  /** As everything was before, after each commit, and at the end. */
  readonly moments: readonly Snapshot[]
  /** What the calls answered. */
  readonly answers: readonly Answer[]
  /** What they left in the outbox. */
  readonly outbox: readonly OutboxRow[]
  /** Errors of the database that ended one of the actions. */
  readonly errors: readonly Error[]
}

/** The rows that an action tells the ledger about: absolute values. */
type Told = {
  rooms?: { roomId: string; tally: number; change: number }[]
  members?: {
    roomId: string
    userId: string
    settled: number
    version: number
    left: boolean
    muted: boolean
    archivedAtTally: number | null
  }[]
}

/** The group commit tells it in columns. */
function toldIn(answer: Answer): Told {
  return typeof answer === 'object' && 'times' in answer
    ? committedIn(answer as GroupAnswer)
    : (answer as Told)
}

/**
 * Holds an outcome to everything that is promised (docs/BADGES.md).
 * @param serial how it ends when one action comes after the other, in both orders: it must be one of these, if given.
 * @returns what is wrong with it, in words; empty when nothing is.
 */
export function faultsOf(
  { moments, answers, outbox, errors }: Outcome,
  serial: readonly Snapshot[] | undefined,
): string[] {
  const before = moments[0]!
  const after = moments.at(-1)!
  if (errors.length > 0) return errors.map((error) => `an action failed: ${codeOf(error)}${error.message}`)
  return [
    ...moments.flatMap(recountFaults),
    ...moments.flatMap(numberingFaults),
    ...moments.slice(1).flatMap((moment, index) => regressions(moments[index]!, moment)),
    ...ledgerFaults(before, after, answers.map(toldIn)),
    ...outboxFaults(before, after, outbox),
    ...(serial === undefined ? [] : serialFaults(after, serial)),
  ]
}

/** tally − settled = recount for every member's row, of those who left and muted too; and never negative. */
function recountFaults({ rooms, members, messages, blocks }: Snapshot): string[] {
  return members.flatMap((member) => {
    const { room_id, user_id, read_seq, settled } = member
    const unread = rooms.find(({ id }) => id === room_id)!.tally - settled
    const recount = messages.filter(
      (message) =>
        message.room_id === room_id &&
        message.seq > read_seq &&
        message.counted &&
        !message.deleted &&
        !message.settled_alone &&
        message.sender_id !== user_id &&
        !blocks.some(
          ({ blocker_id, blocked_id }) => blocker_id === user_id && blocked_id === message.sender_id,
        ),
    ).length
    if (unread < 0) return [`${user_id} in ${room_id}: unread is ${unread}`]
    return unread === recount ? [] : [`${user_id} in ${room_id}: unread is ${unread}, the recount ${recount}`]
  })
}

/** seq is dense, tally counts the counted messages there ever were, and every message carries the tally after it. */
function numberingFaults({ rooms, messages }: Snapshot): string[] {
  return rooms.flatMap(({ id, seq, tally, change }) => {
    const own = messages.filter(({ room_id }) => room_id === id)
    const faults: string[] = []
    let counted = 0
    for (const [index, message] of own.entries()) {
      counted += message.counted ? 1 : 0
      if (message.seq !== index + 1) faults.push(`${id}: message ${index + 1} is numbered ${message.seq}`)
      if (message.tally !== counted) faults.push(`${id}: message ${message.seq} has tally ${message.tally}`)
      if (message.change > change) faults.push(`${id}: message ${message.seq} changed after the room did`)
    }
    if (seq !== own.length) faults.push(`${id}: seq is ${seq} of ${own.length} messages`)
    if (tally !== counted) faults.push(`${id}: tally is ${tally} of ${counted} counted messages`)
    return faults
  })
}

/** Nothing that only grows fell from one commit to the next, and a register that changed got a higher version. */
function regressions(earlier: Snapshot, later: Snapshot): string[] {
  const faults: string[] = []
  for (const row of earlier.rooms) {
    const next = later.rooms.find(({ id }) => id === row.id)
    for (const column of ['seq', 'tally', 'change', 'membership'] as const) {
      if (next === undefined || next[column] < row[column]) faults.push(`${row.id}: ${column} fell`)
    }
  }
  for (const row of earlier.members) {
    const next = later.members.find((member) => isSameMember(member, row))
    if (next === undefined || next.version < row.version || next.read_epoch < row.read_epoch) {
      faults.push(`${row.user_id} in ${row.room_id}: version or read_epoch fell`)
    } else if (next.version === row.version && !isDeepStrictEqual(registerOf(next), registerOf(row))) {
      faults.push(`${row.user_id} in ${row.room_id}: changed without a higher version`)
    }
  }
  return faults
}

/** A ledger that merges what the actions told, in whatever order, comes to what the database holds. */
function ledgerFaults(before: Snapshot, after: Snapshot, told: readonly Told[]): string[] {
  const rooms = told.flatMap((answer) => answer.rooms ?? [])
  const members = told.flatMap((answer) => answer.members ?? [])
  return [
    ...after.rooms.flatMap((row) => roomLedgerFaults(before, row, rooms)),
    ...after.members.flatMap((row) => memberLedgerFaults(before, row, members)),
  ]
}

function roomLedgerFaults(before: Snapshot, row: RoomRow, told: NonNullable<Told['rooms']>): string[] {
  const known = [
    ...before.rooms.filter(({ id }) => id === row.id),
    ...told.filter(({ roomId }) => roomId === row.id),
  ]
  const tally = Math.max(...known.map((head) => head.tally))
  const change = Math.max(...known.map((head) => head.change))
  if (tally === row.tally && change === row.change) return []
  return [
    `${row.id}: the ledger was told tally ${tally}, change ${change}; they are ${row.tally}, ${row.change}`,
  ]
}

function memberLedgerFaults(before: Snapshot, row: MemberRow, told: NonNullable<Told['members']>): string[] {
  const known = [
    ...before.members.filter((member) => isSameMember(member, row)).map(registerOf),
    ...told
      .filter(({ roomId, userId }) => roomId === row.room_id && userId === row.user_id)
      .map(({ settled, version, left, muted, archivedAtTally }) => ({
        settled,
        version,
        left,
        muted,
        archivedAtTally,
      })),
  ]
  const version = Math.max(...known.map((register) => register.version))
  const wrong = known.filter((each) => each.version === version && !isDeepStrictEqual(each, registerOf(row)))
  if (wrong.length === 0 && version === row.version) return []
  const [value, truth] = [wrong[0] ?? { version }, registerOf(row)].map((each) => JSON.stringify(each))
  return [`${row.user_id} in ${row.room_id}: the ledger was told ${value}; the row is ${truth}`]
}

/** Everything that changed is named in the outbox, new messages by their places. */
function outboxFaults(before: Snapshot, after: Snapshot, outbox: readonly OutboxRow[]): string[] {
  const rooms = outbox.flatMap((row) => row.rooms)
  const members = outbox.flatMap((row) => row.members)
  const changedRooms = after.rooms.filter((row) => !before.rooms.some((old) => isDeepStrictEqual(old, row)))
  const changedMembers = after.members.filter(
    (row) => !before.members.some((old) => isSameMember(old, row) && old.version === row.version),
  )
  const newMessages = after.messages.filter(
    ({ room_id, seq }) => !before.messages.some((old) => old.room_id === room_id && old.seq === seq),
  )
  return [
    ...changedRooms.filter(({ id }) => !rooms.some(({ roomId }) => roomId === id)).map(({ id }) => id),
    ...changedMembers
      .filter(({ room_id, user_id }) => !members.some((m) => m.roomId === room_id && m.userId === user_id))
      .map(({ room_id, user_id }) => `${user_id} in ${room_id}`),
    ...newMessages
      .filter(
        ({ room_id, seq }) => !rooms.some((r) => r.roomId === room_id && r.first! <= seq && seq <= r.last!),
      )
      .map(({ room_id, seq }) => `message ${seq} of ${room_id}`),
  ].map((what) => `${what}: changed and is not in the outbox`)
}

function registerOf({ settled, version, left, muted, archived_at_tally: archivedAtTally }: MemberRow) {
  return { settled, version, left, muted, archivedAtTally }
}

/** It ended as if one action had come after the other. */
function serialFaults(after: Snapshot, serial: readonly Snapshot[]): string[] {
  if (serial.some((end) => isDeepStrictEqual(end, after))) return []
  const [nearest] = serial
    .map((end) => differencesOf(end, after))
    .sort((one, other) => one.length - other.length)
  return [`it ended as in no order of the two; the nearest would have been: ${nearest}`]
}

/** Which rows differ, as `expected → found`. */
function differencesOf(expected: Snapshot, found: Snapshot): string {
  const tables = Object.keys(expected) as (keyof Snapshot)[]
  return tables
    .flatMap((table) => {
      const [wanted, got] = [expected, found].map((world) => world[table].map((row) => JSON.stringify(row)))
      const missing = wanted!.filter((row) => !got!.includes(row))
      const surplus = got!.filter((row) => !wanted!.includes(row))
      return missing.length + surplus.length === 0 ? [] : [`${table} ${missing} → ${surplus}`]
    })
    .join('; ')
}

function isSameMember(one: MemberRow, other: MemberRow): boolean {
  return one.room_id === other.room_id && one.user_id === other.user_id
}

function codeOf(error: Error): string {
  return 'code' in error ? `${error.code} ` : ''
}
