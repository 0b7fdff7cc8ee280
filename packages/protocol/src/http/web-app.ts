import { z } from 'zod'
import { ClientId, Count, IsoTime, MessageId, NotificationId, RoomId, UserId } from '../ids.ts'
import type { Endpoint } from './endpoint.ts'

// The polling web app as it is installed. Names, shapes and casing are fixed; fields may be added.

const ChannelParams = z.object({ channelId: RoomId })

/** A message of a channel. A deleted account's author has no id and the server's word for a name. */
export const ChannelMessage = z.object({
  id: MessageId,
  channelId: RoomId,
  content: z.string(),
  createdAt: IsoTime,
  author: z.object({ id: UserId.nullable(), name: z.string(), image: z.string().nullable() }),
})
export type ChannelMessage = z.infer<typeof ChannelMessage>

/** What came after a message (and that one is read now); without it, the newest. */
export const ChannelPollQuery = z.object({
  after: z.union([z.literal('').transform(() => undefined), MessageId]).optional(),
})
export type ChannelPollQuery = z.infer<typeof ChannelPollQuery>

/** Messages, oldest first, `LIMITS.pollPageMax` at most. */
export const ChannelPollAnswer = z.object({
  messages: z.array(ChannelMessage),
  activeUsers: Count,
  nextPollMs: Count,
})
export type ChannelPollAnswer = z.infer<typeof ChannelPollAnswer>

/** An unread entry of the feed. */
export const UnreadNotification = z.object({
  id: NotificationId,
  type: z.string(),
  title: z.string(),
  content: z.string(),
  link: z.string().nullable(),
  createdAt: IsoTime,
})
export type UnreadNotification = z.infer<typeof UnreadNotification>

/** The requests of the installed web app. */
export const webAppEndpoints = {
  poll: {
    method: 'GET',
    path: '/api/chat/:channelId/messages',
    auth: 'user',
    tag: 'web app',
    summary: 'New messages of a channel; the channel counts as open meanwhile.',
    params: ChannelParams,
    query: ChannelPollQuery,
    response: ChannelPollAnswer,
  },
  send: {
    method: 'POST',
    path: '/api/chat/:channelId/messages',
    auth: 'user',
    tag: 'web app',
    summary: 'Send a message.',
    params: ChannelParams,
    body: z.object({ content: z.string(), clientId: ClientId.nullish() }),
    response: z.object({ message: ChannelMessage }),
  },
  listUnreadNotifications: {
    method: 'GET',
    path: '/api/notifications/unread',
    auth: 'user',
    tag: 'web app',
    summary: 'Unread entries of the feed, newest first, and how many there are in all.',
    response: z.object({ notifications: z.array(UnreadNotification), count: Count }),
  },
} as const satisfies Record<string, Endpoint>
