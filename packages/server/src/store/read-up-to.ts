import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type ReadUpTo = {
  userId: UserId
  roomId: RoomId
  /** Beyond the head it means the head. */
  upToSeq: number
  /** The epoch the reader saw; if the member's is newer, the read is ignored. */
  readEpoch?: number
}

/** Where the cursor stands now, and whether this call moved it. */
export type ReadAnswer = Committed & { readSeq: number; readEpoch: number; advanced: boolean }

/**
 * Everything up to a place was seen. Never moves a cursor back; what changes nothing writes nothing.
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export function readUpTo(
  db: Database,
  { userId, roomId, upToSeq, readEpoch }: ReadUpTo,
): Promise<ReadAnswer> {
  return callFunction(db, 'read_up_to', [userId, roomId, upToSeq, readEpoch ?? null])
}
