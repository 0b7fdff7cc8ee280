import type { ReadState, RoomId } from '@tally/protocol'
import { markUnread as writeMarkUnread } from '../store/mark-unread.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { readStateOf } from './read-state.ts'

/**
 * Makes the room unread from a message on, on every device. The room stops counting as open on all of them, so that
 * the mark stays until somebody opens it again; reads already in flight carry an older epoch and change nothing.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function markUnread(
  ctx: ActionContext,
  caller: Caller,
  input: { roomId: RoomId; fromSeq: number },
): Promise<ReadState> {
  const { userId } = caller
  const { roomId } = input
  const marked = await ctx.ownChanges(userId, () =>
    writeMarkUnread(ctx.db, { userId, roomId, fromSeq: input.fromSeq }),
  )
  const { readSeq, readEpoch } = marked
  const opens = { userId, roomId, beforeEpoch: readEpoch }
  // Before the ledger merges it: a device that re-asserts its lease meanwhile would hide the mark again.
  ctx.bus.send('all', [{ kind: 'open-ended', ...opens }])
  // Where the room was open, this is the step in which the right number appears, and the only one.
  await deliver(ctx, { committed: marked, endsOpen: opens, readers: new Set([userId]) })
  return readStateOf(ctx, { userId, roomId, readSeq, readEpoch })
}
