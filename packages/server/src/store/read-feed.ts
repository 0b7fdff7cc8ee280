import type { FeedState, IsoTime, NotificationId, UserId } from '@tally/protocol'
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
  /** When it was put away, or `null`. */
  archivedAt: IsoTime | null
}

type FeedQuery = { userId: UserId; beforeSeq: number | null; limit: number }

/** Entries below a place that were not put away, newest first, read or not. */
export async function readFeedPage(db: Database, query: FeedQuery): Promise<FeedEntry[]> {
  const rows = await db.query<FeedEntry & { unread: number }>({
    name: 'read-feed-page',
    text: entries({ from: '0', only: LISTED }),
    values: valuesOf(query),
  })
  return rows.map(({ unread: _, ...entry }) => entry)
}

/** The same of those that were. */
export async function readArchivedFeedPage(db: Database, query: FeedQuery): Promise<FeedEntry[]> {
  const rows = await db.query<FeedEntry & { unread: number }>({
    name: 'read-archived-feed-page',
    text: entries({ from: '0', only: 'and z.archived_at is not null' }),
    values: valuesOf(query),
  })
  return rows.map(({ unread: _, ...entry }) => entry)
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
    text: entries({ from: 'b.read_seq', conditions: 'and y.settled_alone_at is null and y.counted' }),
    values: valuesOf(query),
  })
  return { entries: rows.map(({ unread, ...entry }) => entry), unread: rows[0]?.unread ?? 0 }
}

/** What all devices of a person agree on about the feed, beside its count. */
export async function readFeedState(db: Database, userId: UserId): Promise<FeedState> {
  const [row] = await db.query<{ state: FeedState }>({
    name: 'read-feed-state',
    text: 'select feed_state($1) as state',
    values: [userId],
  })
  if (row === undefined) throw new Error('a row without any table is always there')
  return row.state
}

/** What was not put away, in the words of the index that has it (`messages_feed`). */
const LISTED = 'and z.archived_at is null and z.sender_id is null'

/** `only` is within the fence: it names an index. */
type Which = { from: string; only?: string; conditions?: string }

function entries({ from, only = '', conditions = '' }: Which): string {
  return `
    select x.id, x.seq, x.type, x.text as content, x.data, iso_time(x.created_at) as "createdAt",
      iso_time(x.settled_alone_at) as "readAt", iso_time(x.archived_at) as "archivedAt", r.tally - b.settled as unread
    from members b
    cross join lateral (select * from rooms r where r.id = b.room_id limit 1) r
    cross join lateral (
      -- A fence: looked at from outside, deleted_at would call for the index that is in order of time.
      select * from (
        select * from messages z
        where z.room_id = b.room_id and z.seq < $3 and z.seq > ${from} ${only}
        order by z.seq desc offset 0
      ) y
      where y.deleted_at is null ${conditions}
      limit $4
    ) x
    where b.room_id = $1 and b.user_id = $2 and b.left_at is null`
}

function valuesOf({ userId, beforeSeq, limit }: FeedQuery): unknown[] {
  return [feedOf(userId), userId, beforeSeq ?? Number.MAX_SAFE_INTEGER, limit]
}
