import type { EndpointRequest, EndpointResponse, v1 } from '@tally/protocol'

type V1 = typeof v1

/**
 * The requests that this client makes. Written out, because the protocol's own table carries schemas, and with them a
 * library as large as this client; its type holds every method and path to what the protocol says.
 */
export const endpoints = {
  sync: { method: 'GET', path: '/v1/sync' },
  readBadge: { method: 'GET', path: '/v1/badge' },
  explainBadge: { method: 'GET', path: '/v1/badge/explain' },
  markAllRead: { method: 'POST', path: '/v1/read-all' },
  createRoom: { method: 'POST', path: '/v1/rooms' },
  readRoom: { method: 'GET', path: '/v1/rooms/:roomId' },
  markRead: { method: 'POST', path: '/v1/rooms/:roomId/read' },
  markUnread: { method: 'POST', path: '/v1/rooms/:roomId/unread' },
  muteRoom: { method: 'POST', path: '/v1/rooms/:roomId/mute' },
  archiveRoom: { method: 'POST', path: '/v1/rooms/:roomId/archive' },
  typing: { method: 'POST', path: '/v1/rooms/:roomId/typing' },
  removeMember: { method: 'DELETE', path: '/v1/rooms/:roomId/members/:userId' },
  listMessages: { method: 'GET', path: '/v1/rooms/:roomId/messages' },
  sendMessage: { method: 'POST', path: '/v1/rooms/:roomId/messages' },
  editMessage: { method: 'PATCH', path: '/v1/rooms/:roomId/messages/:seq' },
  deleteMessage: { method: 'DELETE', path: '/v1/rooms/:roomId/messages/:seq' },
  react: { method: 'POST', path: '/v1/rooms/:roomId/reactions' },
  listNotifications: { method: 'GET', path: '/v1/notifications' },
  readNotifications: { method: 'POST', path: '/v1/notifications/read' },
  listBlocks: { method: 'GET', path: '/v1/blocks' },
  block: { method: 'PUT', path: '/v1/blocks' },
} as const satisfies { [K in keyof V1]?: Pick<V1[K], 'method' | 'path'> }

/** The name of a request. */
export type EndpointName = keyof typeof endpoints
/** What a request is made of. */
export type RequestOf<N extends EndpointName> = EndpointRequest<V1[N]>
/** What it is answered with. */
export type AnswerOf<N extends EndpointName> = EndpointResponse<V1[N]>
