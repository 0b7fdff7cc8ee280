import type {
  Attachment,
  Change,
  ChatRoomUpdated,
  ClientId,
  IsoTime,
  MessageId,
  Reaction,
  Rev,
  RoomId,
  Seq,
  UserId,
  WireBadge,
  WireMessage,
} from '@tally/protocol'
import type { RoomRow } from '../../bus/frames.ts'
import type { BadgeValue } from '../../core/ledger-step.ts'

/** What of a message the wire of installed apps shows, whichever of our shapes it comes from. */
export type ShownMessage = {
  id: MessageId
  roomId: RoomId
  seq: number
  change: number
  senderId: UserId | null
  clientId?: ClientId | undefined
  type: string
  text: string
  replyTo?: number | undefined
  /** What it carries beside its text: its files. */
  data?: Record<string, unknown> | undefined
  attachments?: readonly Attachment[] | undefined
  createdAt: IsoTime
  editedAt?: IsoTime | undefined
  deletedAt?: IsoTime | undefined
  reactions?: readonly Reaction[] | undefined
}

/** A message as installed apps know it; `client_id` is its sender's own and is shown to nobody else. */
export function wireMessage(message: ShownMessage, viewer: UserId): WireMessage {
  const { clientId, replyTo, editedAt, deletedAt, reactions = [] } = message
  const attachments = (message.attachments ?? message.data?.attachments ?? []) as Attachment[]
  return {
    id: message.id,
    room_id: message.roomId,
    sender_id: message.senderId,
    message: message.text,
    message_type: message.type,
    created_at: message.createdAt,
    is_read: false,
    seq: message.seq as Seq,
    ...(clientId === undefined || message.senderId !== viewer ? {} : { client_id: clientId }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo as Seq }),
    ...(attachments.length === 0 ? {} : { attachments }),
    change: message.change as Change,
    ...(editedAt === undefined ? {} : { edited_at: editedAt }),
    ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
    ...(reactions.length === 0 ? {} : { reactions: [...reactions] }),
  }
}

/** One row of the room list. */
export function wireRow(row: RoomRow): ChatRoomUpdated {
  return {
    roomId: row.roomId,
    last_message: row.lastMessage,
    last_message_at: row.lastMessageAt,
    unread_count: row.unreadCount,
    rev: row.rev as Rev,
    last_message_seq: row.lastSeq as Seq,
    last_sender_id: row.lastSenderId,
    change: row.change as Change,
    facts_version: row.membership,
    muted: row.muted,
    archived: row.archived,
    left: row.left,
    ...(row.timing === undefined ? {} : { timing: row.timing }),
  }
}

/** The badge as installed apps know it. */
export function wireBadge(badge: BadgeValue): WireBadge {
  return {
    totalUnreadCount: badge.total,
    unreadRooms: badge.unreadRooms,
    notifications: badge.notifications,
    rev: badge.rev as Rev,
  }
}
