import type { RoomId, UserId } from '@tally/protocol'
import type { Committed, StoredMessage } from '../core/committed.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

export type React = {
  userId: UserId
  roomId: RoomId
  seq: number
  emoji: string
  on: boolean
  /** Different emoji on one message at most. */
  limits: { readonly reactionsPerMessage: number }
}

/**
 * Puts a person's emoji on a message, or takes it away. The same again changes nothing.
 * @throws RequestError `room_not_found`, `message_not_found` (deleted ones too), `limit_exceeded`,
 * `storage_unavailable`.
 */
export function react(
  db: Database,
  { userId, roomId, seq, emoji, on, limits }: React,
): Promise<Committed & { message: StoredMessage; changed: boolean }> {
  return callFunction(db, 'react', [userId, roomId, seq, emoji, on, limits.reactionsPerMessage])
}
