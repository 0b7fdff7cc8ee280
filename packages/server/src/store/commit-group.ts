import type { ClientId, IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { Committed, MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'
import type { Statement } from './statement.ts'

/** A message to be committed. */
export type SendItem = {
  /** A member's has to be allowed; the system's comes from the host's own server or from ourselves. */
  kind: 'member' | 'system'
  id: MessageId
  roomId: RoomId
  senderId: UserId | null
  text: string
  type: string
  /** The sender's own name for it: sent again, it is the same message. */
  clientId?: ClientId
  /** Of the original body (`fingerprintOf`). */
  fingerprint: string
  /** A place in the same room. */
  replyTo?: number
  /** Whether it is unread for the others. */
  counted: boolean
  data?: Record<string, unknown>
  /** When the request came, on the clock of `performance.now()`. */
  receivedAtMs: number
}

/** A read of everything there is at the moment of the commit. */
export type ReadHeadItem = { userId: UserId; roomId: RoomId; readEpoch?: number }

/** Committed as one transaction. */
type Group = {
  sends: readonly SendItem[]
  reads: readonly ReadHeadItem[]
  /** Whether to wait for rooms and rows that others hold; otherwise those items come back `busy`. */
  wait: boolean
}

/** What became of one send. `busy`: others hold its room or a row of it, so it was left out. */
export type SendResult =
  | { outcome: 'new' | 'stored'; message: StoredMessage }
  | { outcome: 'echo'; of: number }
  | { outcome: 'client_id_conflict' | 'room_not_found' | 'message_not_found' | 'busy' }

/** What became of one read: where the cursor stands now, and whether this moved it. */
type ReadResult =
  | { outcome: 'read'; readSeq: number; readEpoch: number; advanced: boolean }
  | { outcome: 'room_not_found' | 'busy' }

/** In the order of the items. */
export type GroupResult = { sends: SendResult[]; reads: ReadResult[]; committed: Committed }

/**
 * Commits sends and reads at the head as one transaction, in one round trip. Reads see their room as it was before the
 * sends of the same call.
 *
 * @throws the driver's error when one of the items cannot be stored, and nothing was; RequestError
 * `storage_unavailable`.
 */
export async function commitGroup(db: Database, group: Group): Promise<GroupResult> {
  const rows = await db.query<{ answer: Answer }>(groupStatement(group))
  const answer = rows[0]?.answer
  if (answer === undefined) throw new Error('commit_group answered nothing')
  return resultOf(answer, group)
}

/** The call as the database gets it. */
export function groupStatement({ sends, reads, wait }: Group): Statement {
  const values = [...sendColumns(sends), ...readColumns(reads), wait]
  const places = values.map((_, index) => `$${index + 1}`).join(',')
  return { name: 'commit_group', text: `select commit_group(${places}) as answer`, values }
}

function sendColumns(sends: readonly SendItem[]): unknown[] {
  const rooms = new Places()
  const rows = new Places()
  const roomAts = sends.map(({ roomId }) => rooms.of(roomId))
  const rowAts = sends.map(({ roomId, senderId }) =>
    senderId === null ? 0 : rows.of(rowKey([roomId, senderId])),
  )
  return [
    rooms.all,
    rows.all.map((key) => key.slice(0, key.indexOf('\n'))),
    rows.all.map((key) => key.slice(key.indexOf('\n') + 1)),
    roomAts,
    rowAts,
    firstsOf(sends),
    sends.map(({ roomId }) => roomId),
    sends.map(({ senderId }) => senderId),
    sends.map(({ kind }) => kind === 'system'),
    sends.map(({ counted }) => counted),
    sends.map(({ id }) => id),
    sends.map(({ type }) => type),
    sends.map(({ text }) => text),
    sends.map(({ data }) => (data === undefined ? null : JSON.stringify(data))),
    sends.map(({ clientId }) => clientId ?? null),
    sends.map(({ fingerprint }) => fingerprint),
    sends.map(({ replyTo }) => replyTo ?? null),
  ]
}

/** Of each send the first one with the same clientId, counted from 1: itself where it has none. */
function firstsOf(sends: readonly SendItem[]): number[] {
  const firsts = new Map<string, number>()
  return sends.map(({ roomId, senderId, clientId }, index) => {
    if (clientId === undefined) return index + 1
    const key = `${roomId}\n${senderId ?? ''}\n${clientId}`
    const first = firsts.get(key) ?? index + 1
    firsts.set(key, first)
    return first
  })
}

/** Different values, and the place of each, counted from 1 as SQL does. */
class Places {
  readonly #places = new Map<string, number>()

  get all(): string[] {
    return [...this.#places.keys()]
  }

  of(value: string): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    this.#places.set(value, this.#places.size + 1)
    return this.#places.size
  }
}

function readColumns(reads: readonly ReadHeadItem[]): unknown[] {
  return [
    reads.map(({ roomId }) => roomId),
    reads.map(({ userId }) => userId),
    reads.map(({ readEpoch }) => readEpoch ?? null),
  ]
}

/** As `functions/commit-group.sql` says. */
type Answer = {
  outcomes: SendResult['outcome'][]
  /** Null of what is not new. */
  seqs: (number | null)[]
  tallies: (number | null)[]
  changes: (number | null)[]
  times: (IsoTime | null)[]
  /** Null of what was not stored before. */
  messages: (StoredMessage | null)[]
  reads: [readSeq: number | null, readEpoch: number | null][] | null
  advanced: [RoomId, UserId][]
  busyRows: [RoomId, UserId][] | null
  rooms: RoomHead[]
  members: MemberState[]
  outboxId: string | null
}

function resultOf(answer: Answer, { sends, reads }: Group): GroupResult {
  const { rooms, members, outboxId } = answer
  const advanced = new Set(answer.advanced.map(rowKey))
  const busy = new Set((answer.busyRows ?? []).map(rowKey))
  const firsts = answer.outcomes.includes('echo') ? firstsOf(sends) : []
  return {
    sends: sends.map((item, index) => sendResult(answer, { item, index, first: firsts[index] })),
    reads: reads.map(({ roomId, userId }, index): ReadResult => {
      const key = rowKey([roomId, userId])
      const [readSeq, readEpoch] = answer.reads?.[index] ?? [null, null]
      if (readSeq === null || readEpoch === null) return { outcome: 'room_not_found' }
      return busy.has(key)
        ? { outcome: 'busy' }
        : { outcome: 'read', readSeq, readEpoch, advanced: advanced.has(key) }
    }),
    committed: { rooms, members, outboxId },
  }
}

function sendResult(
  answer: Answer,
  { item, index, first }: { item: SendItem; index: number; first: number | undefined },
): SendResult {
  const outcome = answer.outcomes[index]
  if (outcome === undefined) throw new Error('commit_group did not answer a send')
  if (outcome === 'echo') return { outcome, of: told(first) - 1 }
  if (outcome === 'stored') return { outcome, message: told(answer.messages[index]) }
  if (outcome !== 'new') return { outcome }
  const numbers = {
    seq: told(answer.seqs[index]),
    tally: told(answer.tallies[index]),
    change: told(answer.changes[index]),
    createdAt: told(answer.times[index]),
  }
  return { outcome, message: storedMessage(item, numbers) }
}

function told<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('commit_group answered half a message')
  return value
}

type Numbers = { seq: number; tally: number; change: number; createdAt: IsoTime }

/** The database gives the numbers only: the rest came from here. */
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

function rowKey([roomId, userId]: readonly [RoomId, UserId]): string {
  return `${roomId}\n${userId}`
}
