import { z } from 'zod'
import { Count } from '../ids.ts'
import {
  ArchiveNotificationsBody,
  CreateNotificationBody,
  FeedState,
  Notification,
  ReadNotificationsBody,
  SeenNotificationsBody,
} from '../notification.ts'
import { listOf, PageQuery, queryFlag } from '../page.ts'
import type { Endpoint } from './endpoint.ts'

const FeedQuery = z
  .object({
    ...PageQuery.shape,
    /** Those alone that count. */
    unread: queryFlag.optional(),
    /** Those alone that were put away; without it, none of them. */
    archived: queryFlag.optional(),
  })
  .refine(({ unread, archived }) => unread !== true || archived !== true, {
    error: 'what is archived was read: ask for one of the two',
  })

/** The notification feed. */
export const notificationEndpoints = {
  listNotifications: {
    method: 'GET',
    path: '/v1/notifications',
    auth: 'user',
    tag: 'notifications',
    summary: 'The feed, newest first.',
    query: FeedQuery,
    response: z.object({ ...listOf(Notification).shape, state: FeedState }),
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
  seeNotifications: {
    method: 'POST',
    path: '/v1/notifications/seen',
    auth: 'user',
    tag: 'notifications',
    summary: 'The feed was seen, which reads nothing.',
    body: SeenNotificationsBody,
    response: FeedState,
  },
  archiveNotifications: {
    method: 'POST',
    path: '/v1/notifications/archive',
    auth: 'user',
    tag: 'notifications',
    summary: 'Put entries of the feed away, which reads them, or bring them back.',
    body: ArchiveNotificationsBody,
    response: z.object({ archived: Count, read: Count }),
  },
  createNotification: {
    method: 'POST',
    path: '/v1/notifications',
    auth: 'server',
    tag: 'notifications',
    summary: 'Put the same entry into the feeds of some people who want such entries.',
    body: CreateNotificationBody,
    response: z.object({ created: Count }),
    status: 201,
  },
} as const satisfies Record<string, Endpoint>
