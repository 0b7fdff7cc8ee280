import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Brings a member's `settled` back in line with the messages of the room.
 * @returns what was written: nothing when the row was right.
 * @throws RequestError `storage_unavailable`.
 */
export function repairMember(
  db: Database,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): Promise<Committed> {
  return callFunction<Committed>(db, 'repair_member', [userId, roomId])
}
