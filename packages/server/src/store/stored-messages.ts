import type { ClientId, IsoTime, MessageId, Reaction, RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'

/**
 * The messages that a query finds, whole rows, as one value that `storedMessages` reads; null when there are none. In
 * columns, and their reactions looked up only where there are any: as rows of objects without their nulls, a page costs
 * the database four times as much, and the program twice.
 */
export function messagesIn(query: string): string {
  return `
    (select json_agg(json_build_array(
        m.id, m.seq, m.tally, m.change, m.sender_id, m.client_id, m.type, m.text, m.data, m.counted, m.reply_to,
        iso_time(m.created_at), iso_time(m.edited_at), iso_time(m.deleted_at),
        case when (select r.seq from reactions r where r.room_id = m.room_id and r.seq = m.seq limit 1) is not null
          then message_reactions(m.room_id, m.seq) end))
     from (${query}) m)`
}

/** A message in the order of those columns. */
export type MessageColumns = readonly [
  id: MessageId,
  seq: number,
  tally: number,
  change: number,
  senderId: UserId | null,
  clientId: ClientId | null,
  type: string,
  text: string,
  data: Record<string, unknown> | null,
  counted: boolean,
  replyTo: number | null,
  createdAt: IsoTime,
  editedAt: IsoTime | null,
  deletedAt: IsoTime | null,
  reactions: Reaction[] | null,
]

/** The messages of a room that `messagesIn` told. */
export function storedMessages(roomId: RoomId, columns: readonly MessageColumns[] | null): StoredMessage[] {
  return columns === null ? [] : columns.map((message) => storedMessage(roomId, message))
}

function storedMessage(
  roomId: RoomId,
  [
    id,
    seq,
    tally,
    change,
    senderId,
    clientId,
    type,
    text,
    data,
    counted,
    replyTo,
    createdAt,
    editedAt,
    deletedAt,
    reactions,
  ]: MessageColumns,
): StoredMessage {
  return {
    id,
    roomId,
    seq,
    tally,
    change,
    senderId,
    type,
    text,
    counted,
    createdAt,
    reactions: reactions ?? [],
    ...(clientId === null ? {} : { clientId }),
    ...(data === null ? {} : { data }),
    ...(replyTo === null ? {} : { replyTo }),
    ...(editedAt === null ? {} : { editedAt }),
    ...(deletedAt === null ? {} : { deletedAt }),
  }
}
