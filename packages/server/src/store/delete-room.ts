import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Deletes a room: everybody leaves it, and its key is free again.
 *
 * @param input.actorId an owner, or `null` for the host's own server.
 * @throws RequestError `room_not_found`, `forbidden`, `storage_unavailable`.
 */
export function deleteRoom(
  db: Database,
  { actorId, roomId }: { actorId: UserId | null; roomId: RoomId },
): Promise<Committed> {
  return callFunction(db, 'delete_room', [actorId, roomId])
}
