import type { ReadState, RoomId, UserId } from '@tally/protocol'
import { readUpTo } from '../store/read-up-to.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { readReceipts } from './read-receipt.ts'
import { readStateOf } from './read-state.ts'

export type MarkRead = {
  roomId: RoomId
  /** Absent: everything up to the newest message at the moment of the commit. */
  upToSeq?: number | undefined
  /** The epoch the reader saw; an older one than the member's is ignored, so it cannot undo a mark-unread. */
  readEpoch?: number | undefined
}

/**
 * The person has seen the room's messages up to a place. Reading backwards changes nothing. The ledger has merged it
 * when this answers.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function markRead(ctx: ActionContext, caller: Caller, input: MarkRead): Promise<ReadState> {
  const { roomId, upToSeq, readEpoch } = input
  const { userId } = caller
  const epoch = readEpoch === undefined ? {} : { readEpoch }
  const read =
    upToSeq === undefined
      ? await ctx.groups.readHead({ userId, roomId, ...epoch })
      : await readTo(ctx, { userId, roomId, upToSeq, ...epoch })
  return readStateOf(ctx, { userId, roomId, readSeq: read.readSeq, readEpoch: read.readEpoch })
}

async function readTo(
  ctx: ActionContext,
  input: { userId: UserId; roomId: RoomId; upToSeq: number; readEpoch?: number },
): Promise<{ readSeq: number; readEpoch: number }> {
  const { userId, roomId } = input
  const read = await readUpTo(ctx.db, input)
  await deliver(ctx, {
    committed: read,
    frames: readReceipts([{ ...read, userId, roomId }]),
    readers: new Set([userId]),
  })
  return read
}
