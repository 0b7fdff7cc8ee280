import type { RoomId, UserId } from '@tally/protocol'
import type { Committed, StoredMessage } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Takes a message's text away and settles it for everyone for whom it was unread. A second time changes nothing.
 *
 * @param input.userId its sender, an owner or admin of the room, or `null` for the host's own server.
 * @throws RequestError `room_not_found`, `message_not_found`, `forbidden`, `storage_unavailable`.
 */
export function deleteMessage(
  db: Database,
  { userId, roomId, seq }: { userId: UserId | null; roomId: RoomId; seq: number },
): Promise<Committed & { message: StoredMessage; changed: boolean }> {
  return callFunction(db, 'delete_message', [userId, roomId, seq])
}
