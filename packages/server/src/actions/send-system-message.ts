import {
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
 * A message from nobody, by the host's backend: everybody in the room sees it, it counts for nobody.
 *
 * @throws RequestError `message_empty`, `message_too_long`, `message_malformed`, `room_not_found`, `overloaded`,
 * `storage_unavailable`.
 */
export async function sendSystemMessage(
  ctx: ActionContext,
  input: { roomId: RoomId; text: string; type?: string | undefined },
): Promise<StoredMessage> {
  const { roomId, type = DEFAULT_SYSTEM_MESSAGE_TYPE } = input
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
  })
  return message
}
