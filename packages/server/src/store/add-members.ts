import type { JoinHistory, RoomId, UserId } from '@tally/protocol'
import type { Committed, Role } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type AddMembers = {
  /** An owner or admin, or `null` for the host's own server. Only owners make owners. */
  actorId: UserId | null
  roomId: RoomId
  userIds: readonly UserId[]
  role: Role
  /** What of the past is unread for them; absent: the room's own policy. */
  history?: JoinHistory
  limits: { readonly membersPerRoom: number; readonly roomsPerUser: number }
}

/**
 * People join a room, or join it again and start anew. Those who are in it already stay as they are.
 * @returns the rows of those who joined.
 * @throws RequestError `room_not_found`, `forbidden` (also: a third person in a direct room), `user_not_found` (a
 * deleted account too), `limit_exceeded`, `storage_unavailable`.
 */
export function addMembers(db: Database, input: AddMembers): Promise<Committed> {
  const { actorId, roomId, userIds, role, history, limits } = input
  return callFunction(db, 'add_members', [
    actorId,
    roomId,
    userIds,
    role,
    history ?? null,
    limits.membersPerRoom,
    limits.roomsPerUser,
  ])
}
