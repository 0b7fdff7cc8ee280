import { type Message, RequestError, type RoomId } from '@tally/protocol'
import { readMessage } from '../store/read-messages.ts'
import type { ActionContext, Caller } from './context.ts'
import { toMessage } from './message-view.ts'

/**
 * One message by its place in the room.
 * @throws RequestError `room_not_found`, `message_not_found`, `storage_unavailable`.
 */
export async function getMessage(
  ctx: ActionContext,
  caller: Caller,
  { roomId, seq }: { roomId: RoomId; seq: number },
): Promise<Message> {
  const { userId } = caller
  const read = await readMessage(ctx.db, { userId, roomId, seq })
  if (read === undefined) throw new RequestError('room_not_found')
  const [message] = read.messages
  if (message === undefined) throw new RequestError('message_not_found')
  return toMessage(message, userId)
}
