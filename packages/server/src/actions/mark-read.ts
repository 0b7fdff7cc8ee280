import type { ReadState, RoomId, UserId } from '@tally/protocol'
import type { ReadOutcome } from '../store/committed-group.ts'
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
  const { readSeq, readEpoch } = await read(ctx, caller, input)
  return readStateOf(ctx, { userId: caller.userId, roomId: input.roomId, readSeq, readEpoch })
}

/** The same for whoever need not know what is shown for the room then. */
export function read(
  ctx: ActionContext,
  { userId }: Caller,
  { roomId, upToSeq, readEpoch }: MarkRead,
): Promise<ReadOutcome> {
  const epoch = readEpoch === undefined ? {} : { readEpoch }
  return upToSeq === undefined
    ? ctx.groups.readHead({ userId, roomId, ...epoch })
    : readTo(ctx, { userId, roomId, upToSeq, ...epoch })
}

async function readTo(
  ctx: ActionContext,
  input: { userId: UserId; roomId: RoomId; upToSeq: number; readEpoch?: number },
): Promise<ReadOutcome> {
  const { userId, roomId } = input
  const read = await ctx.ownChanges(userId, () => readUpTo(ctx.db, input))
  await deliver(ctx, {
    committed: read,
    frames: readReceipts([{ ...read, userId, roomId }]),
    readers: new Set([userId]),
  })
  return read
}
