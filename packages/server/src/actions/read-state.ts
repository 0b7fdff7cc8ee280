import type { ReadEpoch, ReadState, RoomId, Seq, UserId } from '@tally/protocol'
import type { ActionContext } from './context.ts'
import { readyView } from './ready-view.ts'

/**
 * Where a person's reading of a room stands, with the number their devices show for it.
 * @throws RequestError `storage_unavailable` when the ledger is cold and cannot be warmed.
 */
export async function readStateOf(
  ctx: ActionContext,
  {
    userId,
    roomId,
    readSeq,
    readEpoch,
  }: { userId: UserId; roomId: RoomId; readSeq: number; readEpoch: number },
): Promise<ReadState> {
  const { rooms } = await readyView(ctx, { userId, rooms: [roomId] })
  return { roomId, readSeq: readSeq as Seq, readEpoch: readEpoch as ReadEpoch, unread: rooms[0]?.shown ?? 0 }
}
