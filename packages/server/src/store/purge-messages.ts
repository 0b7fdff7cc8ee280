import type { RoomId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/** How long a `clientId` is remembered after its message was purged. */
const KEEP_KEYS_DAYS = 7

export type PurgeMessages = {
  roomId: RoomId
  /** Where the step before ended; absent: from the beginning. */
  afterSeq?: number
  beforeSeq: number
  limit: number
}

/**
 * Retention, first step: takes the text of up to `limit` messages below a place away, oldest first, and settles them
 * for everyone for whom they were unread. To be repeated from `lastSeq` until `count` is below the limit.
 *
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export function purgeMessages(
  db: Database,
  { roomId, afterSeq = 0, beforeSeq, limit }: PurgeMessages,
): Promise<Committed & { count: number; lastSeq: number }> {
  return callFunction(db, 'purge_messages', [roomId, afterSeq, beforeSeq, limit])
}

/**
 * Retention, second step: removes up to `limit` rows of messages that were purged more than 7 days ago, and forgets
 * their `clientId`s. No count changes by it.
 *
 * @returns how many were removed. To be repeated until that is below the limit.
 * @throws RequestError `storage_unavailable`.
 */
export async function forgetPurged(db: Database, { limit }: { limit: number }): Promise<number> {
  const rows = await db.query<{ count: number }>({
    name: 'forget_purged',
    text: 'select forget_purged(clock_timestamp() - make_interval(days => $1), $2) as count',
    values: [KEEP_KEYS_DAYS, limit],
  })
  return rows[0]?.count ?? 0
}
