import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type DeleteUser = {
  userId: UserId
  /** Where the last step ended; absent: from the beginning. */
  afterRoomId?: RoomId
  /** Rooms per step, at most; 0 only makes it gone for everybody. */
  limit: number
  /** Messages per step: a room more is taken while those before it have fewer. */
  messages: number
}

/**
 * One step of removing an account: it is gone for everybody at once, and leaves up to `limit` of its rooms. Its
 * messages stay, without a sender. To be repeated from `afterRoomId` while there is more; begun anew it changes nothing
 * twice.
 *
 * @throws RequestError `user_not_found`, `storage_unavailable`.
 */
export function deleteUser(
  db: Database,
  { userId, afterRoomId, limit, messages }: DeleteUser,
): Promise<Committed & { afterRoomId: RoomId | null; more: boolean }> {
  return callFunction(db, 'remove_account', [userId, afterRoomId ?? '', limit, messages])
}

/** People whose removal was not completed: a node stopped in the middle. */
export async function usersBeingDeleted(db: Database): Promise<UserId[]> {
  const rows = await db.kysely
    .selectFrom('users')
    .select('id')
    .where('deleted_at', 'is not', null)
    .where('removed_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}
