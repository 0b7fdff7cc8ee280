import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import { isFeed } from '../core/feed.ts'

export type ReadPosition = { userId: UserId; roomId: RoomId; readSeq: number; advanced: boolean }

/** What the others in the rooms see of somebody's reading. */
export function readReceipts(reads: readonly ReadPosition[]): Frame[] {
  return reads
    .filter(({ roomId, advanced }) => advanced && !isFeed(roomId))
    .map(({ userId, roomId, readSeq }) => ({
      kind: 'room-event',
      roomId,
      event: 'read-receipt',
      payload: { roomId, userId, readSeq },
    }))
}
