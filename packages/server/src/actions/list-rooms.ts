import { type Cursor, IsoTime, type Room, RoomId } from '@tally/protocol'
import { z } from 'zod'
import { type RoomPlace, type RoomRecord, readRoomPage } from '../store/read-rooms.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'
import { readyView } from './ready-view.ts'
import { roomViews, shownRooms } from './room-view.ts'

export type RoomPage = { items: Room[]; next: Cursor | null }

/**
 * The caller's rooms, the one with the newest message first; a room that moves up between two pages is met twice
 * rather than missed by those who page on, because a page begins after a place and not after a number of rooms.
 *
 * @throws RequestError `invalid_cursor`, `storage_unavailable`.
 */
export async function listRooms(
  ctx: ActionContext,
  caller: Caller,
  { cursor, limit }: { cursor?: Cursor | undefined; limit: number },
): Promise<RoomPage> {
  const { userId } = caller
  const scope = { list: 'rooms', owner: userId }
  const after = cursor === undefined ? null : roomPlace(decodeCursor(scope, cursor, Place))
  const read = await readRoomPage(ctx.db, { userId, after, limit: limit + 1 })
  const { items, next } = pageOf(read, limit, (last) => encodeCursor(scope, placeOf(last)))
  const view = await readyView(ctx, { userId, rooms: items.map(({ id }) => id) })
  return {
    items: await roomViews(ctx, { viewerId: userId, records: items, shown: shownRooms(view.rooms) }),
    next,
  }
}

const Place = z.tuple([IsoTime, RoomId])

function roomPlace([lastAt, roomId]: z.output<typeof Place>): RoomPlace {
  return { lastAt, roomId }
}

function placeOf({ lastAt, id }: RoomRecord): [IsoTime, RoomId] {
  return [lastAt, id]
}
