import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Puts a room away until its next counted message, or brings it back. The same again changes nothing.
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export function setArchived(
  db: Database,
  { userId, roomId, archived }: { userId: UserId; roomId: RoomId; archived: boolean },
): Promise<Committed> {
  return callFunction(db, 'set_archived', [userId, roomId, archived])
}
