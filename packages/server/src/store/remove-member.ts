import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Somebody leaves a room or is taken out of it. Somebody who is not in it stays out, and nothing is written.
 *
 * @param input.actorId the person, an owner, an admin (for members only), or `null` for the host's own server.
 * @throws RequestError `room_not_found`, `forbidden`, `storage_unavailable`.
 */
export function removeMember(
  db: Database,
  { actorId, roomId, userId }: { actorId: UserId | null; roomId: RoomId; userId: UserId },
): Promise<Committed> {
  return callFunction(db, 'remove_member', [actorId, roomId, userId])
}
