import type { IsoTime, RoomId, UserId } from '@tally/protocol'
import type { Committed, MemberState, Role, RoomHead, RoomKind, StoredMessage } from '../core/committed.ts'
import { firstsOf, roomIdsOf } from './group-columns.ts'
import type { Group, GroupResult, ReadResult, SendItem, SendResult } from './group-items.ts'

/** What `functions/commit-group.sql` answers. */
export type GroupAnswer = {
  outcomes: (Exclude<SendResult['outcome'], 'new'> | null)[] | null
  messages: (StoredMessage | null)[] | null
  now: IsoTime
  times: (IsoTime | null)[] | null
  reads: [readSeq: number | null, readEpoch: number | null][] | null
  advanced: [RoomId, UserId][] | null
  busyRows: [RoomId, UserId][] | null
  rooms: Columns<RoomHead> | null
  members: (Columns<Pick<MemberState, 'roomId' | 'userId' | 'role'>> & { numbers: MemberNumbers[] }) | null
  outboxId: string | null
}

type Columns<T> = { [K in keyof T]: T[K][] }

/** As `functions/member-numbers.sql` makes them. */
type MemberNumbers = [
  settled: number,
  version: number,
  readSeq: number,
  readEpoch: number,
  left: 0 | 1,
  muted: 0 | 1,
  archivedAtTally: number | null,
]

/** What an answer says about each item of its group. */
export function resultOf(answer: GroupAnswer, { sends, reads }: Group): GroupResult {
  const committed = committedIn(answer)
  return { sends: sendResults(answer, sends, committed.rooms), reads: readResults(answer, reads), committed }
}

/** What an answer says was written. */
export function committedIn({ rooms, members, outboxId }: GroupAnswer): Committed {
  return {
    rooms:
      rooms === null
        ? []
        : rooms.roomId.map((roomId, at) => ({
            roomId,
            kind: told<RoomKind>(rooms.kind[at]),
            seq: told(rooms.seq[at]),
            tally: told(rooms.tally[at]),
            change: told(rooms.change[at]),
            membership: told(rooms.membership[at]),
          })),
    members:
      members === null
        ? []
        : members.roomId.map((roomId, at): MemberState => {
            const [settled, version, readSeq, readEpoch, left, muted, archivedAtTally] = told(
              members.numbers[at],
            )
            return {
              roomId,
              userId: told(members.userId[at]),
              settled,
              version,
              readSeq,
              readEpoch,
              left: left === 1,
              muted: muted === 1,
              archivedAtTally,
              role: told<Role>(members.role[at]),
            }
          }),
    outboxId,
  }
}

function sendResults(
  answer: GroupAnswer,
  sends: readonly SendItem[],
  heads: readonly RoomHead[],
): SendResult[] {
  const { outcomes, messages } = answer
  const isNew = (index: number) => (outcomes?.[index] ?? null) === null
  const numbering = new Numbering(answer, sends, heads)
  for (const [index, item] of sends.entries()) if (isNew(index)) numbering.count(item)
  const firsts = outcomes?.includes('echo') ? firstsOf(sends) : []
  return sends.map((item, index): SendResult => {
    const outcome = outcomes?.[index] ?? null
    if (outcome === null) return { outcome: 'new', message: numbering.next(item) }
    if (outcome === 'echo') return { outcome, of: told(firsts[index]) - 1 }
    if (outcome === 'stored') return { outcome, message: told(messages?.[index]) }
    return { outcome }
  })
}

/** A room on its way from where it was before the group to its head. */
type Rising = { seq: number; tally: number; change: number; messages: number; firstAt: IsoTime }

/** The database gives rooms and times only: which number each message has follows from their order. */
class Numbering {
  readonly #rooms = new Map<RoomId, Rising>()

  constructor({ now, times }: GroupAnswer, sends: readonly SendItem[], heads: readonly RoomHead[]) {
    for (const { roomId, seq, tally, change } of heads) {
      this.#rooms.set(roomId, { seq, tally, change, messages: 0, firstAt: now })
    }
    if (times === null) return
    for (const [index, roomId] of roomIdsOf(sends).entries()) {
      const room = this.#rooms.get(roomId)
      if (room !== undefined) room.firstAt = times[index] ?? now
    }
  }

  /** Back by one, for each message before the first is numbered. */
  count({ roomId, counted }: SendItem): void {
    const room = this.#roomOf(roomId)
    room.seq -= 1
    room.change -= 1
    if (counted) room.tally -= 1
  }

  next(item: SendItem): StoredMessage {
    const room = this.#roomOf(item.roomId)
    room.seq += 1
    room.change += 1
    if (item.counted) room.tally += 1
    const createdAt = laterBy(room.firstAt, room.messages)
    room.messages += 1
    return storedMessage(item, { seq: room.seq, tally: room.tally, change: room.change, createdAt })
  }

  #roomOf(roomId: RoomId): Rising {
    return told(this.#rooms.get(roomId))
  }
}

/** Where the microseconds begin in a time as the database writes it. */
const MICROS_AT = '2026-01-01T00:00:00.'.length
const MICROS_PER_SECOND = 1_000_000

function laterBy(time: IsoTime, micros: number): IsoTime {
  if (micros === 0) return time
  const sum = Number(time.slice(MICROS_AT, -1)) + micros
  const seconds = Math.floor(sum / MICROS_PER_SECOND)
  const whole =
    seconds === 0
      ? time
      : new Date(Date.parse(`${time.slice(0, MICROS_AT)}000Z`) + seconds * 1_000).toISOString()
  return `${whole.slice(0, MICROS_AT)}${String(sum % MICROS_PER_SECOND).padStart(6, '0')}Z` as IsoTime
}

type ReadItem = Group['reads'][number]

function readResults({ reads, advanced, busyRows }: GroupAnswer, items: readonly ReadItem[]): ReadResult[] {
  const advancedKeys = new Set(advanced?.map(keyOf))
  const busyKeys = new Set(busyRows?.map(keyOf))
  return items.map(({ roomId, userId }, index): ReadResult => {
    const key = keyOf([roomId, userId])
    const [readSeq, readEpoch] = reads?.[index] ?? [null, null]
    if (readSeq === null || readEpoch === null) return { outcome: 'room_not_found' }
    if (busyKeys.has(key)) return { outcome: 'busy' }
    return { outcome: 'read', readSeq, readEpoch, advanced: advancedKeys.has(key) }
  })
}

function keyOf([roomId, userId]: readonly [RoomId, UserId]): string {
  return `${roomId}\n${userId}`
}

type Numbers = Pick<StoredMessage, 'seq' | 'tally' | 'change' | 'createdAt'>

/** The rest came from here. */
function storedMessage(item: SendItem, numbers: Numbers): StoredMessage {
  const { id, roomId, senderId, clientId, type, text, data, counted, replyTo } = item
  return {
    id,
    roomId,
    ...numbers,
    senderId,
    type,
    text,
    counted,
    reactions: [],
    ...(clientId === undefined ? {} : { clientId }),
    ...(data === undefined ? {} : { data }),
    ...(replyTo === undefined ? {} : { replyTo }),
  }
}

function told<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('commit_group answered half of something')
  return value
}
