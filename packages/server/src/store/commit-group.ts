import type { ClientId, IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { Committed, MemberState, RoomHead, StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'

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
 * @param group.wait whether to wait for rooms and rows that others hold; otherwise those items come back `busy`.
 * @throws the driver's error when one of the items cannot be stored, and nothing was; RequestError
 * `storage_unavailable`.
 */
export async function commitGroup(
  db: Database,
  { sends, reads, wait }: { sends: readonly SendItem[]; reads: readonly ReadHeadItem[]; wait: boolean },
): Promise<GroupResult> {
  const rows = await db.query<{ answer: Answer }>({
    name: 'commit_group',
    text: 'select commit_group($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15) as answer',
    values: [...sendColumns(sends), ...readColumns(reads), wait],
  })
  const answer = rows[0]?.answer
  if (answer === undefined) throw new Error('commit_group answered nothing')
  return resultOf(answer, sends, reads)
}

function sendColumns(sends: readonly SendItem[]): unknown[] {
  return [
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

function readColumns(reads: readonly ReadHeadItem[]): unknown[] {
  return [
    reads.map(({ roomId }) => roomId),
    reads.map(({ userId }) => userId),
    reads.map(({ readEpoch }) => readEpoch ?? null),
  ]
}

/** As `functions/commit-group.sql` says. Lists in place of objects: the names would be most of its size. */
type Answer = {
  sends:
    | [
        outcome:
          | 'new'
          | 'stored'
          | 'echo'
          | 'client_id_conflict'
          | 'busy'
          | 'room_not_found'
          | 'message_not_found',
        first: number,
        seq: number | null,
        tally: number,
        change: number,
        createdAt: IsoTime | null,
        message: StoredMessage | null,
      ][]
    | null
  reads: [readSeq: number | null, readEpoch: number | null][] | null
  advanced: [RoomId, UserId][]
  busyRows: [RoomId, UserId][] | null
  rooms: RoomHead[]
  members: MemberState[]
  outboxId: string | null
}

function resultOf(answer: Answer, sends: readonly SendItem[], reads: readonly ReadHeadItem[]): GroupResult {
  const { rooms, members, outboxId } = answer
  const advanced = new Set(answer.advanced.map(rowKey))
  const busy = new Set((answer.busyRows ?? []).map(rowKey))
  return {
    sends: sends.map((item, index) => sendResult(item, answer.sends?.[index])),
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

function sendResult(item: SendItem, answer: NonNullable<Answer['sends']>[number] | undefined): SendResult {
  if (answer === undefined) throw new Error('commit_group did not answer a send')
  const [outcome, first, seq, tally, change, createdAt, message] = answer
  if (outcome === 'echo') return { outcome, of: first }
  if (outcome === 'stored' && message !== null) return { outcome, message }
  if (outcome === 'new' && seq !== null && createdAt !== null) {
    return { outcome, message: storedMessage(item, { seq, tally, change, createdAt }) }
  }
  if (outcome === 'new' || outcome === 'stored') throw new Error('commit_group answered half a message')
  return { outcome }
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
