export { Attachment, BeginUploadBody, FileName, Upload } from './attachment.ts'
export { Badge } from './badge.ts'
export { Block, BlockBody } from './block.ts'
export { CLIENT_LIMITS } from './client-limits.ts'
export { DEFAULT_MESSAGE_TYPE, DEFAULT_SYSTEM_MESSAGE_TYPE } from './default-message-types.ts'
export { Device, DeviceBody, DeviceKey, DeviceKind } from './device.ts'
export { ERROR_CODES, type ErrorCode, isErrorCode, RETRY_ADVICE, type RetryAdvice } from './error-codes.ts'
export { ErrorBody, ErrorDetail } from './error-detail.ts'
export { ExplainedRoom, ExplainQuery, Explanation, VERDICTS, Verdict } from './explain.ts'
export { formatNamedRooms, formatOpenRooms } from './format-named-rooms.ts'
export { Done, MemberParams, MessageParams, RoomParams, UserParams } from './http/common.ts'
export {
  type Endpoint,
  type EndpointAuth,
  type EndpointRequest,
  type EndpointResponse,
  endpointUrl,
} from './http/endpoint.ts'
export { HEADERS } from './http/headers.ts'
export { Health, Readiness } from './http/health-endpoints.ts'
export { MessagesQuery } from './http/message-endpoints.ts'
export {
  CompanyRoomRow,
  CreateApplicationRoomBody,
  HistoryPage,
  HistoryQuery,
  MobileError,
  mobileEndpoints,
  RoomDetail,
  UserRoomRow,
} from './http/mobile.ts'
export { ReadBody, UnreadBody } from './http/room-endpoints.ts'
export { v1 } from './http/v1.ts'
export {
  ChannelMessage,
  ChannelPollAnswer,
  ChannelPollQuery,
  UnreadNotification,
  webAppEndpoints,
} from './http/web-app.ts'
export {
  Claims,
  DevLoginAnswer,
  DevLoginBody,
  type Identity,
  identityFrom,
  RevokeSessionsBody,
  Token,
} from './identity.ts'
export {
  AttachmentId,
  Change,
  ClientId,
  Count,
  Cursor,
  ExternalId,
  IsoTime,
  MessageId,
  NotificationId,
  ReadEpoch,
  Rev,
  RoomId,
  Seq,
  UserId,
} from './ids.ts'
export { channelsOf, type Interruption, isQuiet, mayPush } from './interruptions.ts'
export { LIMITS, type LimitName } from './limits.ts'
export { AddMembersBody, JoinHistory, Me, Member, ReadState, ROLES, Role } from './member.ts'
export {
  Message,
  MessageBody,
  MessagePage,
  MessageType,
} from './message.ts'
export { type MessageText, parseMessageText } from './message-text.ts'
export {
  ArchiveNotificationsBody,
  CreateNotificationBody,
  FeedNews,
  FeedState,
  Notification,
  ReadNotificationsBody,
  SeenNotificationsBody,
} from './notification.ts'
export { PageLimit, PageQuery } from './page.ts'
export { invalidRequest, parseRequest } from './parse-request.ts'
export { Channels, Preferences, PreferencesBody, QuietHours } from './preferences.ts'
export { Emoji, Reaction } from './reaction.ts'
export { errorDetailOf, REFUSALS, sentenceOf, statusOf } from './refusals.ts'
export { Report, ReportBody, ReportReason } from './report.ts'
export {
  RequestError,
  type RequestErrorOptions,
  requestErrorFrom,
  wordsOf,
} from './request-error.ts'
export {
  CreateRoomBody,
  HostRoom,
  Room,
  RoomAnswer,
  RoomKey,
  RoomKind,
  RoomMetadata,
  RoomTitle,
  RoomTombstone,
  UpdateRoomBody,
} from './room.ts'
export { Found, FoundMessage, FoundPage, SearchIn, SearchQuery, TextSpan } from './search.ts'
export {
  type Ack,
  type ClientEventInput,
  type ClientEventName,
  type ClientEventPayload,
  type ClientEventResult,
  type ClientToServerEvents,
  clientEvents,
  isClientEventName,
} from './socket/client-events.ts'
export {
  Authenticated,
  AuthenticatePayload,
  AuthenticateResult,
  DISCONNECT_REASONS,
  ForceDisconnect,
  Presence,
  ServerDraining,
  VisibilityPayload,
  WireError,
  WireUser,
} from './socket/connection-events.ts'
export {
  DeleteMessagePayload,
  EditMessagePayload,
  MessageChangeResult,
  ReactPayload,
  SendMessagePayload,
  SendMessageResult,
} from './socket/message-events.ts'
export { WireNotification } from './socket/notification-events.ts'
export {
  ChatRoomUpdated,
  DeliveryReceipt,
  JoinedRoom,
  JoinRoomPayload,
  JoinRoomResult,
  LeaveRoomPayload,
  MarkDeliveredPayload,
  MarkReadPayload,
  MarkUnreadPayload,
  MemberLeft,
  ProfileChanged,
  ReadReceipt,
  RoomChanged,
  RoomVisit,
  Timing,
  Typing,
  TypingPayload,
} from './socket/room-events.ts'
export {
  type ServerEventName,
  type ServerEventPayload,
  type ServerToClientEvents,
  serverEvents,
} from './socket/server-events.ts'
export { WireBadge } from './socket/wire-badge.ts'
export { MessageDeleted, MessageUpdated, WireMessage } from './socket/wire-message.ts'
export {
  LiveSigns,
  NamedRoom,
  NamedRoomsParam,
  OpenRoom,
  OpenRoomsParam,
  SyncAnswer,
  SyncPayload,
  SyncQuery,
} from './sync.ts'
export { isStorable } from './text.ts'
export { DisplayName, SafeUrl, User, UserBody, UserType } from './user.ts'
export { PROTOCOL_VERSION } from './version.ts'
