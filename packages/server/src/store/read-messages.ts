import type { IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import type { Database } from './open-database.ts'
import { type MessageColumns, messagesIn, storedMessages } from './stored-messages.ts'

/** Messages of a room for one of its members, all from one snapshot. */
export type MessagesRead = {
  /** The room's change in that snapshot. */
  change: number
  messages: StoredMessage[]
}

/** A page that begins at a place: `beyond` says whether there is anything on its other side, the place included. */
export type MessagePageRead = MessagesRead & { beyond: boolean }

type Row = { change: number; messages: MessageColumns[] | null }
type PageRow = Row & { place: number; beyond: boolean }

/**
 * Every statement here asks for the membership itself: no row at all means that the person is not in the room (or there
 * is none). The messages come by a subquery whose order only one index has, so that no plan, whenever it was made, can
 * walk a whole room.
 */
function asMember(messages: string): string {
  return `
    select r.change, ${messagesIn(messages)} as messages
    from members b join rooms r on r.id = b.room_id
    where b.user_id = $1 and b.room_id = $2 and ${IS_MEMBER}`
}

const IS_MEMBER = "b.left_at is null and r.deleted_at is null and r.kind <> 'feed'"

function readOf(roomId: RoomId, { change, messages }: Row): MessagesRead {
  return { change, messages: storedMessages(roomId, messages).sort((one, other) => one.seq - other.seq) }
}

type MemberRoom = { userId: UserId; roomId: RoomId }

/** A page next to a place in a room. */
export type PageAsked = MemberRoom & { at: number; limit: number }

/** The pages right below places, in the order asked for, each oldest first; `undefined` for who is not in that room. */
export function readPagesBefore(
  db: Database,
  asked: readonly PageAsked[],
): Promise<(MessagePageRead | undefined)[]> {
  return readPages(db, asked, {
    name: 'read-pages-before',
    page: 'x.seq < asked.at order by x.seq desc',
    beyond: 'o.seq >= asked.at order by o.seq',
  })
}

/** The pages right above places, in the order asked for, each oldest first; `undefined` for who is not in that room. */
export function readPagesAfter(
  db: Database,
  asked: readonly PageAsked[],
): Promise<(MessagePageRead | undefined)[]> {
  return readPages(db, asked, {
    name: 'read-pages-after',
    page: 'x.seq > asked.at order by x.seq',
    beyond: 'o.seq <= asked.at order by o.seq desc',
  })
}

async function readPages(
  db: Database,
  asked: readonly PageAsked[],
  { name, page, beyond }: { name: string; page: string; beyond: string },
): Promise<(MessagePageRead | undefined)[]> {
  const rows = await db.query<PageRow>({
    name,
    text: `
      select asked.place, r.change,
        (select o.seq from messages o where o.room_id = r.id and ${beyond} limit 1) is not null as beyond,
        ${messagesIn(`select x.* from messages x where x.room_id = r.id and ${page} limit asked.most`)} as messages
      from unnest($1::text[], $2::text[], $3::bigint[], $4::int[])
        with ordinality asked(user_id, room_id, at, most, place)
      cross join lateral (
        select * from members x where x.room_id = asked.room_id and x.user_id = asked.user_id limit 1) b
      cross join lateral (select * from rooms x where x.id = asked.room_id limit 1) r
      where ${IS_MEMBER}`,
    values: [
      asked.map(({ userId }) => userId),
      asked.map(({ roomId }) => roomId),
      asked.map(({ at }) => at),
      asked.map(({ limit }) => limit),
    ],
  })
  const pages: (MessagePageRead | undefined)[] = asked.map(() => undefined)
  for (const row of rows) {
    const { roomId } = asked[row.place - 1] as PageAsked
    pages[row.place - 1] = { ...readOf(roomId, row), beyond: row.beyond }
  }
  return pages
}

/** The same without deleted messages, for clients that know none: a page of deleted ones would be their end. */
export async function readLiveMessagesAfter(
  db: Database,
  { userId, roomId, afterSeq, limit }: MemberRoom & { afterSeq: number; limit: number },
): Promise<MessagesRead | undefined> {
  const [row] = await db.query<Row>({
    name: 'read-live-messages-after',
    text: asMember(`
      select x.*
      -- A fence: looked at from outside, deleted_at would call for the index that is in order of time.
      from (
        select * from messages y
        where y.room_id = b.room_id and y.seq > $3 order by y.seq offset 0
      ) x
      where x.deleted_at is null limit $4`),
    values: [userId, roomId, afterSeq, limit],
  })
  return row && readOf(roomId, row)
}

/**
 * The messages before a time, oldest first and without deleted ones, for clients that know neither places nor deleted
 * messages; `before` null: the newest. `undefined` when the person is not in the room.
 */
export async function readMessagesBeforeTime(
  db: Database,
  { userId, roomId, before, limit }: MemberRoom & { before: IsoTime | null; limit: number },
): Promise<MessagesRead | undefined> {
  const [row] = await db.query<Row>({
    name: 'read-messages-before-time',
    text: asMember(`
      select x.* from messages x
      where x.room_id = b.room_id and x.deleted_at is null
        and x.created_at < coalesce($3::timestamptz, 'infinity')
      order by x.created_at desc limit $4`),
    values: [userId, roomId, before, limit],
  })
  return row && readOf(roomId, row)
}

/** At most one message, by its place; `undefined` when the person is not in the room. */
export async function readMessage(
  db: Database,
  { userId, roomId, seq }: MemberRoom & { seq: number },
): Promise<MessagesRead | undefined> {
  const [row] = await db.query<Row>({
    name: 'read-message',
    text: asMember(`
      select x.* from messages x
      where x.room_id = b.room_id and x.seq >= $3 and x.seq <= $3 order by x.seq limit 1`),
    values: [userId, roomId, seq],
  })
  return row && readOf(roomId, row)
}

/** The place of a message that a client knows by its id only; `undefined` when the room has none of that id. */
export async function readSeqOf(
  db: Database,
  { roomId, messageId }: { roomId: RoomId; messageId: MessageId },
): Promise<number | undefined> {
  const rows = await db.query<{ room_id: RoomId; seq: number }>({
    name: 'read-seq-of',
    text: 'select room_id, seq from messages where id = $1',
    values: [messageId],
  })
  return rows[0]?.room_id === roomId ? rows[0].seq : undefined
}
