import { RequestError, type Room, type RoomId } from '@tally/protocol'
import { readRoomsOf } from '../store/read-rooms.ts'
import type { ActionContext, Caller } from './context.ts'
import { readyView } from './ready-view.ts'
import { roomViews, shownRooms } from './room-view.ts'

/**
 * One room as the caller sees it.
 * @throws RequestError `room_not_found` for a stranger as for a room that does not exist, `storage_unavailable`.
 */
export async function getRoom(
  ctx: ActionContext,
  caller: Caller,
  { roomId }: { roomId: RoomId },
): Promise<Room> {
  const { userId } = caller
  const records = await readRoomsOf(ctx.db, { userId, roomIds: [roomId] })
  if (records.length === 0) throw new RequestError('room_not_found')
  const view = await readyView(ctx, { userId, rooms: [roomId] })
  const [room] = await roomViews(ctx, { viewerId: userId, records, shown: shownRooms(view.rooms) })
  if (room === undefined) throw new RequestError('room_not_found')
  return room
}
