import { type Change, type MessagePage, RequestError, type RoomId } from '@tally/protocol'
import type { ActionContext, Caller } from './context.ts'
import { toMessage } from './message-view.ts'

export type ListMessages = {
  roomId: RoomId
  /** Below this place; absent, and `after` too: the newest. */
  before?: number
  /** Above this place. */
  after?: number
  limit: number
}

/**
 * A page of a room, oldest first, deleted messages in their places. Whoever is in the room sees all of it.
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
 */
export async function listMessages(
  ctx: ActionContext,
  caller: Caller,
  input: ListMessages,
): Promise<MessagePage> {
  const { userId } = caller
  const { roomId, before = Number.MAX_SAFE_INTEGER, after, limit } = input
  // One more than asked for tells whether there is more on the side the page walks to.
  const range = { userId, roomId, limit: limit + 1 }
  const read = await (after === undefined
    ? ctx.pagesBefore({ ...range, at: before })
    : ctx.pagesAfter({ ...range, at: after }))
  if (read === undefined) throw new RequestError('room_not_found')

  const { messages, beyond } = read
  const more = messages.length > limit
  const page = after === undefined ? messages.slice(-limit) : messages.slice(0, limit)
  return {
    items: page.map((message) => toMessage(message, userId)),
    hasBefore: after === undefined ? more : beyond,
    hasAfter: after === undefined ? beyond : more,
    change: read.change as Change,
  }
}
