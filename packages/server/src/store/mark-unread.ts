import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/** Where the cursor stands now. Reads that carry an older epoch than this are ignored. */
export type MarkedUnread = Committed & { readSeq: number; readEpoch: number }

/**
 * Makes a room unread from a place on. A mark-all-read that is under way leaves the room alone from now on.
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export function markUnread(
  db: Database,
  { userId, roomId, fromSeq }: { userId: UserId; roomId: RoomId; fromSeq: number },
): Promise<MarkedUnread> {
  return callFunction(db, 'mark_unread', [userId, roomId, fromSeq])
}
