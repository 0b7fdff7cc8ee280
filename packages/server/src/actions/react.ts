import type { RoomId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { react as writeReaction } from '../store/react.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { messageReacted } from './message-events.ts'

/**
 * Puts one's emoji on a message, or takes it off. Nobody's count moves; saying the same twice changes nothing.
 *
 * @throws RequestError `room_not_found`, `message_not_found` (deleted ones too), `limit_exceeded`,
 * `overloaded`, `storage_unavailable`.
 */
export async function react(
  ctx: ActionContext,
  caller: Caller,
  { roomId, seq, emoji, on }: { roomId: RoomId; seq: number; emoji: string; on: boolean },
): Promise<StoredMessage> {
  const reacted = await ctx.changes({ caller, roomId }, () =>
    writeReaction(ctx.db, {
      userId: caller.userId,
      roomId,
      seq,
      emoji,
      on,
      limits: ctx.limits,
    }),
  )
  const { message, changed } = reacted
  if (changed)
    await deliver(ctx, { committed: reacted, frames: [messageReacted(message)], staleRooms: [roomId] })
  return message
}
