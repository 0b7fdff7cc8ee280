import type { z } from 'zod'
import { FeedNews } from '../notification.ts'
import { Authenticated, ForceDisconnect, Presence, ServerDraining, WireError } from './connection-events.ts'
import { WireNotification } from './notification-events.ts'
import {
  ChatRoomUpdated,
  DeliveryReceipt,
  JoinedRoom,
  MemberLeft,
  ProfileChanged,
  ReadReceipt,
  RoomChanged,
  RoomVisit,
  Typing,
} from './room-events.ts'
import { WireBadge } from './wire-badge.ts'
import { MessageDeleted, MessageUpdated, WireMessage } from './wire-message.ts'

/** Server → client: what each event carries. */
export const serverEvents = {
  authenticated: Authenticated,
  'auth-error': WireError,
  'joined-room': JoinedRoom,
  'user-joined': RoomVisit,
  'user-left': RoomVisit,
  'member-left': MemberLeft,
  'room-changed': RoomChanged,
  'profile-changed': ProfileChanged,
  'new-message': WireMessage,
  'chat-room-updated': ChatRoomUpdated,
  'total-unread-count-updated': WireBadge,
  'message-updated': MessageUpdated,
  'message-deleted': MessageDeleted,
  'read-receipt': ReadReceipt,
  'delivery-receipt': DeliveryReceipt,
  typing: Typing,
  presence: Presence,
  notification: WireNotification,
  'feed-state': FeedNews,
  'force-disconnect': ForceDisconnect,
  'server-draining': ServerDraining,
  error: WireError,
} as const satisfies Record<string, z.ZodType>

/** The events a server may send. */
export type ServerEventName = keyof typeof serverEvents
/** What a server event carries. */
export type ServerEventPayload<E extends ServerEventName> = z.output<(typeof serverEvents)[E]>

/** The type parameter of a Socket.IO server and client. */
export type ServerToClientEvents = {
  [E in ServerEventName]: (payload: ServerEventPayload<E>) => void
}
