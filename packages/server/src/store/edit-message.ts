import type { RoomId, UserId } from '@tally/protocol'
import type { Committed, StoredMessage } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/**
 * Replaces the text of somebody's own message. The same text again changes nothing.
 * @throws RequestError `room_not_found`, `message_not_found` (deleted ones too), `forbidden`, `storage_unavailable`.
 */
export function editMessage(
  db: Database,
  { userId, roomId, seq, text }: { userId: UserId; roomId: RoomId; seq: number; text: string },
): Promise<Committed & { message: StoredMessage; changed: boolean }> {
  return callFunction(db, 'edit_message', [userId, roomId, seq, text])
}
