import type { IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { ColumnType, Generated } from 'kysely'
import type { Role, RoomKind } from '../core/committed.ts'

/** Written as ISO 8601, read as a JavaScript date (milliseconds: for anything exact use `isoTime`). */
type Time = ColumnType<Date, IsoTime | Date, IsoTime | Date>
type MaybeTime = ColumnType<Date | null, IsoTime | Date | null, IsoTime | Date | null>

type Json = Record<string, unknown>

/** The tables as `migrations/` makes them; what each column means stands there. */
export type Tables = {
  users: {
    id: UserId
    name: string | null
    image: string | null
    user_type: string | null
    created_at: Generated<Time>
    updated_at: Generated<Time>
    deleted_at: MaybeTime
    removed_at: MaybeTime
  }
  rooms: {
    id: RoomId
    kind: RoomKind
    key: string | null
    title: string | null
    metadata: Json
    history: 'none' | 'unread'
    seq: number
    tally: number
    change: number
    membership: number
    last_at: Time
    created_by: UserId | null
    created_at: Time
    updated_at: Time
    deleted_at: MaybeTime
  }
  members: {
    room_id: RoomId
    user_id: UserId
    role: Role
    settled: number
    version: number
    read_seq: number
    read_epoch: number
    delivered_seq: Generated<number>
    muted: boolean
    archived_at_tally: number | null
    pending_read_seq: number | null
    joined_at: Time
    left_at: MaybeTime
  }
  messages: {
    room_id: RoomId
    seq: number
    id: MessageId
    tally: number
    change: number
    sender_id: UserId | null
    client_id: string | null
    fingerprint: string | null
    type: string
    text: string
    data: Json | null
    counted: boolean
    reply_to: number | null
    created_at: Time
    edited_at: MaybeTime
    deleted_at: MaybeTime
    purged_at: MaybeTime
    settled_alone_at: MaybeTime
  }
  reactions: { room_id: RoomId; seq: number; user_id: UserId; emoji: string; created_at: Generated<Time> }
  blocks: { blocker_id: UserId; blocked_id: UserId; created_at: Generated<Time> }
  revoked_sessions: { user_id: UserId; before: Time }
  outbox: {
    id: Generated<number>
    node_id: Generated<string>
    created_at: Generated<Time>
    payload: Json
    done_at: MaybeTime
    xact: Generated<string>
  }
}
