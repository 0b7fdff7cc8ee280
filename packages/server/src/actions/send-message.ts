import {
  type ClientId,
  DEFAULT_MESSAGE_TYPE,
  type MessageId,
  parseMessageText,
  RequestError,
  type RoomId,
} from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { ActionContext, Caller } from './context.ts'

export type SendMessage = {
  roomId: RoomId
  text: string
  type?: string | undefined
  /** The sender's own name for it: sent again with the same text it is the same message, and the same answer. */
  clientId?: ClientId | undefined
  replyTo?: number | undefined
  /** When the edge had the request, on the clock of `performance.now()`. */
  receivedAtMs?: number | undefined
}

/**
 * Puts a message into a room. Answers after the database committed it and the ledger merged it; its delivery to rooms
 * and devices has begun by then (see `commit-delivery.ts`).
 *
 * @throws RequestError `message_empty`, `message_too_long`, `message_malformed`, `room_not_found`,
 * `message_not_found` (of `replyTo`), `client_id_conflict`, `rate_limited`, `overloaded`, `storage_unavailable`.
 */
export async function sendMessage(
  ctx: ActionContext,
  caller: Caller,
  input: SendMessage,
): Promise<StoredMessage> {
  const parsed = parseMessageText(input.text, ctx.limits.messageChars)
  if (!parsed.ok) throw new RequestError(parsed.code)
  const rate = ctx.rateLimits.sends.take(caller.userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })

  const { text } = parsed
  const type = input.type ?? DEFAULT_MESSAGE_TYPE
  const { message } = await ctx.groups.send({
    kind: 'member',
    id: ctx.newId() as MessageId,
    roomId: input.roomId,
    senderId: caller.userId,
    text,
    type,
    fingerprint: fingerprintOf({ text, type, replyTo: input.replyTo }),
    counted: true,
    receivedAtMs: input.receivedAtMs ?? performance.now(),
    ...(input.clientId === undefined ? {} : { clientId: input.clientId }),
    ...(input.replyTo === undefined ? {} : { replyTo: input.replyTo }),
  })
  return message
}
