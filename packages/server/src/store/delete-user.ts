import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/** The removal of an account that is under way. */
export type Removal = {
  userId: UserId
  /** When it began: ISO, to the microsecond. It names this removal among all that the account ever had. */
  deletedAt: string
}

export type DeleteUser = {
  userId: UserId
  /** Goes on with the removal of this name alone; absent: with the one under way, or begins one. */
  deletedAt?: string
  /** Where the last step ended; absent: from the beginning. */
  afterRoomId?: RoomId
  /** Rooms per step, at most; 0 only begins it: it is gone for everybody. */
  limit: number
  /** Messages per step: a room more is taken while those before it have fewer. */
  messages: number
}

export type RemovalStep = Committed & {
  /** Null where the account is removed already, or came back since. */
  deletedAt: string | null
  /** When the last step was done; absent or null before it. */
  removedAt?: string | null
  afterRoomId: RoomId | null
  more: boolean
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
  { userId, deletedAt, afterRoomId, limit, messages }: DeleteUser,
): Promise<RemovalStep> {
  return callFunction(db, 'remove_account', [userId, deletedAt ?? null, afterRoomId ?? '', limit, messages])
}

/** Removals that were not completed: a node stopped in the middle, or is at it. */
export function removalsUnderWay(db: Database): Promise<Removal[]> {
  return db.query({
    name: 'removals-under-way',
    text: `
      select u.id as "userId", iso_time(u.deleted_at) as "deletedAt" from users u
      where u.deleted_at is not null and u.removed_at is null`,
    values: [],
  })
}
