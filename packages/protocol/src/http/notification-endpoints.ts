import { z } from 'zod'
import { Count } from '../ids.ts'
import { CreateNotificationBody, Notification, ReadNotificationsBody } from '../notification.ts'
import { listOf, PageQuery, queryFlag } from '../page.ts'
import type { Endpoint } from './endpoint.ts'

/** The notification feed. */
export const notificationEndpoints = {
  listNotifications: {
    method: 'GET',
    path: '/v1/notifications',
    auth: 'user',
    tag: 'notifications',
    summary: 'The feed, newest first.',
    query: z.object({ ...PageQuery.shape, unread: queryFlag.optional() }),
    response: listOf(Notification),
  },
  readNotifications: {
    method: 'POST',
    path: '/v1/notifications/read',
    auth: 'user',
    tag: 'notifications',
    summary: 'Mark entries of the feed as read.',
    body: ReadNotificationsBody,
    response: z.object({ read: Count }),
  },
  createNotification: {
    method: 'POST',
    path: '/v1/notifications',
    auth: 'server',
    tag: 'notifications',
    summary: 'Put the same entry into the feeds of some people.',
    body: CreateNotificationBody,
    response: z.object({ created: Count }),
    status: 201,
  },
} as const satisfies Record<string, Endpoint>
