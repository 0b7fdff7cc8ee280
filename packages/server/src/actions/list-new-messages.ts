import { type MessageId, RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { readLiveMessagesAfter, readMessagesBeforeTime, readSeqOf } from '../store/read-messages.ts'
import { readUsers } from '../store/read-users.ts'
import type { ActionContext, Caller } from './context.ts'

export type Author = { id: UserId | null; name: string | null; image: string | null }

export type NewMessages = {
  /** Oldest first, without deleted ones. */
  messages: { message: StoredMessage; author: Author }[]
  /** The place of the message named by `after`, which the client therefore has; absent when the room has none such. */
  afterSeq?: number
}

/**
 * What came after a message that a polling client knows by its id, with the authors' names; without it, or when it is
 * no longer there, the newest.
 *
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export async function listNewMessages(
  ctx: ActionContext,
  caller: Caller,
  { roomId, after, limit }: { roomId: RoomId; after?: MessageId; limit: number },
): Promise<NewMessages> {
  const { userId } = caller
  const afterSeq = after === undefined ? undefined : await readSeqOf(ctx.db, { roomId, messageId: after })
  const read =
    afterSeq === undefined
      ? await readMessagesBeforeTime(ctx.db, { userId, roomId, before: null, limit })
      : await readLiveMessagesAfter(ctx.db, { userId, roomId, afterSeq, limit })
  if (read === undefined) throw new RequestError('room_not_found')

  const { messages } = read
  const senders = messages.map(({ senderId }) => senderId).filter((senderId) => senderId !== null)
  const users = await readUsers(ctx.db, [...new Set(senders)])
  return {
    messages: messages.map((message) => {
      const user = message.senderId === null ? undefined : users.get(message.senderId)
      return {
        message,
        author: { id: message.senderId, name: user?.name ?? null, image: user?.image ?? null },
      }
    }),
    ...(afterSeq === undefined ? {} : { afterSeq }),
  }
}
