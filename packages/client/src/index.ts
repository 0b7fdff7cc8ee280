// What the client takes and gives. Hosts need this package alone: the schemas stay with the server.
export {
  type Attachment,
  type AttachmentId,
  type Badge,
  type Block,
  CLIENT_LIMITS as LIMITS,
  type ClientId,
  type Emoji,
  type ErrorCode,
  type Explanation,
  type FeedState,
  type Member,
  type Message,
  type Notification,
  type NotificationId,
  type Reaction,
  RequestError,
  type RetryAdvice,
  type RoomId,
  type Seq,
  type User,
  type UserId,
} from '@tally/protocol'
export { backOffMs } from './back-off.ts'
export type { ConnectionProblem, TransportPolicy } from './connection-state.ts'
export { type ConnectionStatus, isConnected } from './connection-status.ts'
export type { BadgeTrace } from './frame-handlers.ts'
export type { HttpRequest } from './http-api.ts'
export { type KeyValueStorage, memoryStorage } from './key-value-storage.ts'
export type { MessageList, MessageState, SentMessage } from './message-state.ts'
export type { NotificationList } from './notification-store.ts'
export type { PendingMessage } from './pending-message.ts'
export { pollDelayMs } from './poll-delay.ts'
export type { PresenceState } from './presence-store.ts'
export type {
  News,
  ProviderFactory,
  ProviderListener,
  RealtimeEvent,
  RealtimeProvider,
  Subscription,
  Transport,
} from './provider.ts'
export type { Readable } from './readable.ts'
export type { RoomHandle } from './room-handle.ts'
export type { RoomPreview, RoomState } from './room-row.ts'
export type { RoomList } from './room-store.ts'
export { createTally, type NotificationFeed, type Tally, type TallyOptions } from './tally.ts'
export type { TokenOption } from './token-source.ts'
