import {
  type ClientId,
  DEFAULT_SYSTEM_MESSAGE_TYPE,
  type MessageId,
  parseMessageText,
  RequestError,
  type RoomId,
} from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { isFeed } from '../core/feed.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { ActionContext } from './context.ts'

/**
 * A message from nobody, by the host's backend: everybody in the room sees it, it counts for nobody. Sent again with the
 * same `clientId` and text, it is the same message, and the same answer.
 *
 * @throws RequestError `message_empty`, `message_too_long`, `message_malformed`, `room_not_found`, `client_id_conflict`,
 * `overloaded`, `storage_unavailable`.
 */
export async function sendSystemMessage(
  ctx: ActionContext,
  input: { roomId: RoomId; text: string; type?: string | undefined; clientId?: ClientId | undefined },
): Promise<StoredMessage> {
  const { roomId, type = DEFAULT_SYSTEM_MESSAGE_TYPE, clientId } = input
  if (isFeed(roomId)) throw new RequestError('room_not_found')
  const parsed = parseMessageText(input.text, ctx.limits.messageChars)
  if (!parsed.ok) throw new RequestError(parsed.code)
  const { text } = parsed
  const { message } = await ctx.groups.send({
    kind: 'system',
    id: ctx.newId() as MessageId,
    roomId,
    senderId: null,
    text,
    type,
    fingerprint: fingerprintOf({ text, type, replyTo: undefined }),
    counted: false,
    receivedAtMs: performance.now(),
    ...(clientId === undefined ? {} : { clientId }),
  })
  return message
}
