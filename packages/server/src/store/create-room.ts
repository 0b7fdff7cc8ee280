import type { JoinHistory, RoomId, UserId } from '@tally/protocol'
import type { Committed, Role } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type CreateRoom = {
  id: RoomId
  kind: 'direct' | 'group'
  /** The host's name for the room: the same one gives the same room. */
  key?: string
  title?: string
  metadata: Record<string, unknown>
  /** What of the past is unread for people who join later. */
  history: JoinHistory
  /** `null`: the host's own server. */
  creatorId: UserId | null
  /** Everybody, the creator too; nobody twice. */
  members: readonly { userId: UserId; role: Role }[]
  limits: { readonly membersPerRoom: number; readonly roomsPerUser: number }
}

/**
 * Makes a room with its first members. If a room has that key already, it is the answer and nothing is written; people
 * who left it are not brought back.
 *
 * @throws RequestError `user_not_found` (a deleted account too), `blocked` where the creator of a new room is blocked by one
 * of its members, or of a new pair blocks the other; `limit_exceeded`, `room_key_conflict` when the room of
 * that key never had one of these people, `storage_unavailable`.
 */
export function createRoom(
  db: Database,
  input: CreateRoom,
): Promise<Committed & { roomId: RoomId; created: boolean }> {
  const { id, kind, key, title, metadata, history, creatorId, members, limits } = input
  return callFunction(db, 'create_room', [
    id,
    kind,
    key ?? null,
    title ?? null,
    JSON.stringify(metadata),
    history,
    creatorId,
    members.map(({ userId }) => userId),
    members.map(({ role }) => role),
    limits.membersPerRoom,
    limits.roomsPerUser,
  ])
}
