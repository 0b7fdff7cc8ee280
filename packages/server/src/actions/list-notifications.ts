import { type Cursor, type Notification, Seq } from '@tally/protocol'
import { z } from 'zod'
import { type FeedEntry, readFeedPage, readUnreadFeedPage } from '../store/read-feed.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'

export type ListNotifications = {
  cursor?: Cursor | undefined
  limit: number
  /** Only those that still count. */
  unread?: boolean | undefined
}

/**
 * The caller's notification feed, newest first.
 * @throws RequestError `invalid_cursor`, `storage_unavailable`.
 */
export async function listNotifications(
  ctx: ActionContext,
  caller: Caller,
  { cursor, limit, unread = false }: ListNotifications,
): Promise<{ items: Notification[]; next: Cursor | null }> {
  const { userId } = caller
  const scope = { list: unread ? 'unread-notifications' : 'notifications', owner: userId }
  const beforeSeq = cursor === undefined ? null : decodeCursor(scope, cursor, Place)[0]
  const query = { userId, beforeSeq, limit: limit + 1 }
  const read = unread ? (await readUnreadFeedPage(ctx.db, query)).entries : await readFeedPage(ctx.db, query)
  const { items, next } = pageOf(read, limit, ({ seq }) => encodeCursor(scope, [seq]))
  return { items: items.map(notificationView), next }
}

const Place = z.tuple([z.string().regex(/^\d+$/).transform(Number).pipe(Seq)])

export function notificationView({ id, type, content, data, createdAt, readAt }: FeedEntry): Notification {
  const title = data?.['title']
  const link = data?.['link']
  return {
    id,
    type,
    title: typeof title === 'string' ? title : '',
    content,
    link: typeof link === 'string' ? link : null,
    createdAt,
    readAt,
  }
}
