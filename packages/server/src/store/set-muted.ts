import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Leaves a room out of the person's total, or counts it again. The same again changes nothing.
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export function setMuted(
  db: Database,
  { userId, roomId, muted }: { userId: UserId; roomId: RoomId; muted: boolean },
): Promise<Committed> {
  return callFunction(db, 'set_muted', [userId, roomId, muted])
}
