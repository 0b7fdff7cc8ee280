import { type Cursor, type Member, RequestError, type RoomId, UserId } from '@tally/protocol'
import { z } from 'zod'
import { readMember } from '../store/read-member.ts'
import { readMemberPage } from '../store/read-members.ts'
import { readRoomHead } from '../store/read-room-head.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'
import { memberView } from './room-view.ts'

/**
 * Who is in a room, and who was.
 *
 * @param caller a member, or `null` for the host's backend.
 * @throws RequestError `room_not_found`, `invalid_cursor`, `storage_unavailable`.
 */
export async function listMembers(
  ctx: ActionContext,
  caller: Caller | null,
  { roomId, cursor, limit }: { roomId: RoomId; cursor?: Cursor | undefined; limit: number },
): Promise<{ items: Member[]; next: Cursor | null }> {
  const room =
    caller === null
      ? await readRoomHead(ctx.db, roomId)
      : await readMember(ctx.db, { userId: caller.userId, roomId })
  if (room === undefined) throw new RequestError('room_not_found')

  const scope = { list: 'members', owner: roomId }
  const afterUserId = cursor === undefined ? null : decodeCursor(scope, cursor, Place)[0]
  const read = await readMemberPage(ctx.db, { roomId, afterUserId, limit: limit + 1 })
  const { items, next } = pageOf(read, limit, (last) => encodeCursor(scope, [last.userId]))
  return { items: items.map((member) => memberView(ctx, roomId, member)), next }
}

const Place = z.tuple([UserId])
