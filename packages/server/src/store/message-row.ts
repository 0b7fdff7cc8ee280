import type { ClientId, IsoTime, MessageId, Reaction, RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'

/** A time as it goes over the wire, made in SQL because a JavaScript date would lose the microseconds. */
export function isoTime(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

/**
 * The select list of a message, for a query that names the table `alias`. The columns are prefixed, so that they can
 * stand beside a room's; all of them are null where an outer join found no message.
 */
export function messageColumns(alias: string): string {
  const column = (name: string) => `${alias}.${name} as message_${name}`
  const time = (name: string) => `${isoTime(`${alias}.${name}`)} as message_${name}`
  return [
    ...['id', 'room_id', 'seq', 'tally', 'change', 'sender_id', 'client_id', 'type', 'text'].map(column),
    ...['data', 'counted', 'reply_to'].map(column),
    ...['created_at', 'edited_at', 'deleted_at'].map(time),
    `(select json_agg(json_build_object('emoji', given.emoji, 'userIds', given.user_ids) order by given.first_at, given.emoji)
      from (select r.emoji, min(r.created_at) as first_at, array_agg(r.user_id order by r.created_at, r.user_id) as user_ids
            from reactions r where r.room_id = ${alias}.room_id and r.seq = ${alias}.seq group by r.emoji) given
     ) as message_reactions`,
  ].join(', ')
}

/** What `messageColumns` selects. */
export type MessageRow = {
  message_id: MessageId
  message_room_id: RoomId
  message_seq: number
  message_tally: number
  message_change: number
  message_sender_id: UserId | null
  message_client_id: ClientId | null
  message_type: string
  message_text: string
  message_data: Record<string, unknown> | null
  message_counted: boolean
  message_reply_to: number | null
  message_created_at: IsoTime
  message_edited_at: IsoTime | null
  message_deleted_at: IsoTime | null
  message_reactions: Reaction[] | null
}

/** The same where the message came by an outer join. */
export type MaybeMessageRow = MessageRow | { [name in keyof MessageRow]: null }

export function storedMessage(row: MessageRow): StoredMessage {
  return {
    id: row.message_id,
    roomId: row.message_room_id,
    seq: row.message_seq,
    tally: row.message_tally,
    change: row.message_change,
    senderId: row.message_sender_id,
    type: row.message_type,
    text: row.message_text,
    counted: row.message_counted,
    createdAt: row.message_created_at,
    reactions: row.message_reactions ?? [],
    ...(row.message_client_id === null ? {} : { clientId: row.message_client_id }),
    ...(row.message_data === null ? {} : { data: row.message_data }),
    ...(row.message_reply_to === null ? {} : { replyTo: row.message_reply_to }),
    ...(row.message_edited_at === null ? {} : { editedAt: row.message_edited_at }),
    ...(row.message_deleted_at === null ? {} : { deletedAt: row.message_deleted_at }),
  }
}

export function maybeStoredMessage(row: MaybeMessageRow): StoredMessage | null {
  return row.message_id === null ? null : storedMessage(row)
}
