import type { FeedState, UserId } from '@tally/protocol'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * A person has seen the feed up to a place, or all of it. The place only rises, and is never beyond the newest entry.
 *
 * @returns what holds now, and whether that is new.
 * @throws RequestError `storage_unavailable`.
 */
export function seeFeed(
  db: Database,
  { userId, upToSeq }: { userId: UserId; upToSeq: number | undefined },
): Promise<FeedState & { rose: boolean }> {
  return callFunction(db, 'see_feed', [userId, upToSeq ?? null])
}
