import { z } from 'zod'
import { IsoTime, NotificationId, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line, multiline } from './text.ts'
import { SafeUrl } from './user.ts'

/** An entry of somebody's notification feed. */
export const Notification = z.object({
  id: NotificationId,
  type: z.string(),
  title: z.string(),
  content: z.string(),
  link: z.string().nullable(),
  createdAt: IsoTime,
  readAt: IsoTime.nullable(),
})
export type Notification = z.infer<typeof Notification>

/** The same notification to each of `userIds`. */
export const CreateNotificationBody = z.object({
  userIds: z.array(UserId).min(1).max(LIMITS.batchMax),
  type: line(LIMITS.typeChars, 1),
  title: line(LIMITS.titleChars, 1),
  content: multiline(LIMITS.notificationContentChars).default(''),
  link: SafeUrl.nullish(),
})
export type CreateNotificationBody = z.infer<typeof CreateNotificationBody>

/** Which entries were read: these, or all there are. Unknown ids are ignored. */
export const ReadNotificationsBody = z.union([
  z.object({ all: z.literal(true) }),
  z.object({ ids: z.array(NotificationId).min(1).max(LIMITS.pageMax) }),
])
export type ReadNotificationsBody = z.infer<typeof ReadNotificationsBody>
