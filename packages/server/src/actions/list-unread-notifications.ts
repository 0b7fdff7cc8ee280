import type { Notification } from '@tally/protocol'
import { readUnreadFeedPage } from '../store/read-feed.ts'
import type { ActionContext, Caller } from './context.ts'
import { notificationView } from './list-notifications.ts'

/**
 * The newest unread entries of the caller's feed, and how many there are in all.
 * @throws RequestError `storage_unavailable`.
 */
export async function listUnreadNotifications(
  ctx: ActionContext,
  caller: Caller,
  { limit }: { limit: number },
): Promise<{ notifications: Notification[]; count: number }> {
  const { userId } = caller
  const { entries, unread } = await readUnreadFeedPage(ctx.db, { userId, beforeSeq: null, limit })
  return { notifications: entries.map(notificationView), count: unread }
}
