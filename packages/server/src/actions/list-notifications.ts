import { type Cursor, type FeedState, type Notification, Seq } from '@tally/protocol'
import { z } from 'zod'
import {
  type FeedEntry,
  readArchivedFeedPage,
  readFeedPage,
  readFeedState,
  readUnreadFeedPage,
} from '../store/read-feed.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'

export type ListNotifications = {
  cursor?: Cursor | undefined
  limit: number
  /** Only those that still count. */
  unread?: boolean | undefined
  /** Only those that were put away. */
  archived?: boolean | undefined
}

/**
 * The caller's notification feed, newest first, without what was put away; and what its devices agree on about it.
 * @throws RequestError `invalid_cursor`, `storage_unavailable`.
 */
export async function listNotifications(
  ctx: ActionContext,
  caller: Caller,
  { cursor, limit, unread = false, archived = false }: ListNotifications,
): Promise<{ items: Notification[]; next: Cursor | null; state: FeedState }> {
  const { userId } = caller
  const list = unread ? 'unread-notifications' : archived ? 'archived-notifications' : 'notifications'
  const scope = { list, owner: userId }
  const beforeSeq = cursor === undefined ? null : decodeCursor(scope, cursor, Place)[0]
  const query = { userId, beforeSeq, limit: limit + 1 }
  // First: entries that are newer than it says are only looked at once more.
  const state = await readFeedState(ctx.db, userId)
  const read = unread
    ? (await readUnreadFeedPage(ctx.db, query)).entries
    : await (archived ? readArchivedFeedPage : readFeedPage)(ctx.db, query)
  const { items, next } = pageOf(read, limit, ({ seq }) => encodeCursor(scope, [seq]))
  return { items: items.map(notificationView), next, state }
}

const Place = z.tuple([z.string().regex(/^\d+$/).transform(Number).pipe(Seq)])

export function notificationView(entry: FeedEntry): Notification {
  const { id, seq, type, content, data, createdAt, readAt, archivedAt } = entry
  const title = data?.['title']
  const link = data?.['link']
  return {
    id,
    seq: seq as Seq,
    type,
    title: typeof title === 'string' ? title : '',
    content,
    link: typeof link === 'string' ? link : null,
    createdAt,
    readAt,
    archivedAt,
  }
}
