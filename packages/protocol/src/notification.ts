import { z } from 'zod'
import { Change, ClientId, Count, IsoTime, NotificationId, Seq, UserId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line, multiline } from './text.ts'
import { SafeUrl } from './user.ts'

/**
 * An entry of somebody's notification feed. It is unseen while its `seq` is above the feed's `seenSeq`, unread while it
 * counts, and archived when it was put away, which reads it.
 */
export const Notification = z.object({
  id: NotificationId,
  /** Its place in the feed. */
  seq: Seq,
  type: z.string(),
  title: z.string(),
  content: z.string(),
  link: z.string().nullable(),
  createdAt: IsoTime,
  readAt: IsoTime.nullable(),
  archivedAt: IsoTime.nullable(),
})
export type Notification = z.infer<typeof Notification>

/** What all devices of a person agree on beside the badge: registers that only rise. */
export const FeedState = z.object({
  /** Up to where the person has seen the feed, on whatever device. */
  seenSeq: Seq,
  /** Rises when entries come, are archived or brought back, or go. */
  change: Change,
  /** The `rev` of the person's preferences. */
  preferencesRev: Count,
})
export type FeedState = z.infer<typeof FeedState>

/** What rose of it. */
export const FeedNews = FeedState.partial()
export type FeedNews = z.infer<typeof FeedNews>

/** The same notification to each of `userIds`. Repeated with its `clientId`, it makes no second entry. */
export const CreateNotificationBody = z.object({
  userIds: z.array(UserId).min(1).max(LIMITS.batchMax),
  type: line(LIMITS.typeChars, 1),
  title: line(LIMITS.titleChars, 1),
  content: multiline(LIMITS.notificationContentChars).default(''),
  link: SafeUrl.nullish(),
  clientId: ClientId.optional(),
})
export type CreateNotificationBody = z.infer<typeof CreateNotificationBody>

const Ids = z.array(NotificationId).min(1).max(LIMITS.pageMax)

/** Which entries were read: these, or all there are. Unknown ids are ignored. */
export const ReadNotificationsBody = z.union([z.object({ all: z.literal(true) }), z.object({ ids: Ids })])
export type ReadNotificationsBody = z.infer<typeof ReadNotificationsBody>

/** Which entries are put away, or brought back: these; or all that were read, which can only be put away. */
export const ArchiveNotificationsBody = z.union([
  z.object({ allRead: z.literal(true) }),
  z.object({ ids: Ids, archived: z.boolean() }),
])
export type ArchiveNotificationsBody = z.infer<typeof ArchiveNotificationsBody>

/** Up to where the feed was seen; absent: all of it. */
export const SeenNotificationsBody = z.object({ upToSeq: Seq.optional() })
export type SeenNotificationsBody = z.infer<typeof SeenNotificationsBody>
