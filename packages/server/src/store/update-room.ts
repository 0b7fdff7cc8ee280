import type { RoomId, UserId } from '@tally/protocol'
import type { Committed } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type UpdateRoom = {
  /** An owner or admin, or `null` for the host's own server. */
  actorId: UserId | null
  roomId: RoomId
  /** `null` takes the title away; absent, it stays. */
  title?: string | null
  /** Replaces all of it. */
  metadata?: Record<string, unknown>
}

/**
 * Changes a room's title or metadata. What is so already is not written.
 * @throws RequestError `room_not_found`, `forbidden`, `storage_unavailable`.
 */
export function updateRoom(
  db: Database,
  { actorId, roomId, title, metadata }: UpdateRoom,
): Promise<Committed> {
  return callFunction(db, 'update_room', [
    actorId,
    roomId,
    title !== undefined,
    title ?? null,
    metadata === undefined ? null : JSON.stringify(metadata),
  ])
}
