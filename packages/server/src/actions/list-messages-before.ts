import { type IsoTime, RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { readLastReaders } from '../store/read-members.ts'
import { readMessagesBeforeTime } from '../store/read-messages.ts'
import type { ActionContext, Caller } from './context.ts'

export type HistoryPage = {
  /** Newest first, without deleted ones. `isRead`: by everybody who is in the room beside the sender. */
  messages: { message: StoredMessage; isRead: boolean }[]
  hasMore: boolean
  /** The `before` of the next page. */
  nextCursor: IsoTime | null
}

/**
 * History by time, for clients that know no places. Times rise strictly within a room, to the microsecond, so the
 * cursor loses nothing and repeats nothing.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function listMessagesBefore(
  ctx: ActionContext,
  caller: Caller,
  { roomId, before, limit }: { roomId: RoomId; before?: IsoTime; limit: number },
): Promise<HistoryPage> {
  const { userId } = caller
  const { read, lastReaders } = await ctx.pages(async () => {
    const read = await readMessagesBeforeTime(ctx.db, {
      userId,
      roomId,
      before: before ?? null,
      limit: limit + 1,
    })
    if (read === undefined) throw new RequestError('room_not_found')
    return { read, lastReaders: await readLastReaders(ctx.db, roomId) }
  })
  const hasMore = read.messages.length > limit
  const page = read.messages.slice(-limit).reverse()
  return {
    messages: page.map((message) => ({ message, isRead: isReadByOthers(message, lastReaders) })),
    hasMore,
    nextCursor: hasMore ? (page.at(-1)?.createdAt ?? null) : null,
  }
}

/** Of the two members who have read least, the first who is not the sender decides for all others. */
function isReadByOthers(
  { senderId, seq }: StoredMessage,
  lastReaders: readonly { userId: UserId; readSeq: number }[],
): boolean {
  const last = lastReaders.find(({ userId }) => userId !== senderId)
  return last !== undefined && last.readSeq >= seq
}
