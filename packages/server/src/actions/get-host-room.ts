import { type HostRoom, RequestError, type RoomId } from '@tally/protocol'
import { readRoom } from '../store/read-rooms.ts'
import type { ActionContext } from './context.ts'
import { hostRoomView } from './room-view.ts'

/**
 * One room as the host's backend sees it: nobody's side of it.
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export async function getHostRoom(ctx: ActionContext, { roomId }: { roomId: RoomId }): Promise<HostRoom> {
  const record = await readRoom(ctx.db, roomId)
  if (record === undefined) throw new RequestError('room_not_found')
  return hostRoomView(ctx, record)
}
