import type { IsoTime, NotificationId, UserId } from '@tally/protocol'
import { feedOf } from '../core/feed.ts'
import type { Database } from './open-database.ts'

/** An entry of a person's notification feed. */
export type FeedEntry = {
  id: NotificationId
  seq: number
  type: string
  content: string
  data: Record<string, unknown> | null
  createdAt: IsoTime
  /** When it was read, or `null` while it counts. */
  readAt: IsoTime | null
}

type FeedQuery = { userId: UserId; beforeSeq: number | null; limit: number }

/** Entries below a place, newest first, read or not. */
export async function readFeedPage(db: Database, query: FeedQuery): Promise<FeedEntry[]> {
  return db.query<FeedEntry>({
    name: 'read-feed-page',
    text: `${ENTRIES} order by x.seq desc limit $4`,
    values: valuesOf(query),
  })
}

/**
 * The unread ones only, and how many there are in all, from one snapshot: the list and the number beside it cannot
 * disagree. Below the cursor everything is read, so it walks no further than that.
 */
export async function readUnreadFeedPage(
  db: Database,
  query: FeedQuery,
): Promise<{ entries: FeedEntry[]; unread: number }> {
  const rows = await db.query<FeedEntry & { unread: number }>({
    name: 'read-unread-feed-page',
    text: `${ENTRIES} and x.seq > b.read_seq and x.settled_alone_at is null and x.counted order by x.seq desc limit $4`,
    values: valuesOf(query),
  })
  return { entries: rows.map(({ unread, ...entry }) => entry), unread: rows[0]?.unread ?? 0 }
}

const ENTRIES = `
  select x.id, x.seq, x.type, x.text as content, x.data, iso_time(x.created_at) as "createdAt",
    iso_time(x.settled_alone_at) as "readAt", r.tally - b.settled as unread
  from members b join rooms r on r.id = b.room_id join messages x on x.room_id = b.room_id
  where b.room_id = $1 and b.user_id = $2 and x.deleted_at is null and x.seq < $3`

function valuesOf({ userId, beforeSeq, limit }: FeedQuery): unknown[] {
  return [feedOf(userId), userId, beforeSeq ?? Number.MAX_SAFE_INTEGER, limit]
}
