import {
  type Attachment,
  type AttachmentId,
  type ClientId,
  DEFAULT_MESSAGE_TYPE,
  type MessageId,
  parseMessageText,
  RequestError,
  type RoomId,
} from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import { claimAttachments, releaseAttachments } from '../store/attachments.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { SendItem } from '../store/group-items.ts'
import type { ActionContext, Caller } from './context.ts'

export type SendMessage = {
  roomId: RoomId
  text: string
  type?: string | undefined
  /** The sender's own name for it: sent again with the same text it is the same message, and the same answer. */
  clientId?: ClientId | undefined
  replyTo?: number | undefined
  /** The sender's own files, uploaded for this room; with them a text may be empty. They need a `clientId`. */
  attachments?: readonly AttachmentId[] | undefined
  /** When the edge had the request, on the clock of `performance.now()`. */
  receivedAtMs?: number | undefined
}

/**
 * Puts a message into a room. Answers after the database committed it and the ledger merged it; its delivery to rooms
 * and devices has begun by then (see `commit-delivery.ts`).
 *
 * @throws RequestError `message_empty`, `message_too_long`, `message_malformed`, `room_not_found`,
 * `message_not_found` (of `replyTo`), `attachment_not_found`, `attachment_in_use`, `client_id_conflict`, `rate_limited`,
 * `overloaded`, `storage_unavailable`.
 */
export async function sendMessage(
  ctx: ActionContext,
  caller: Caller,
  input: SendMessage,
): Promise<StoredMessage> {
  const { roomId, clientId, replyTo, type = DEFAULT_MESSAGE_TYPE, attachments = [] } = input
  const parsed = parseMessageText(input.text, ctx.limits.messageChars)
  const isOnlyFiles = !parsed.ok && parsed.code === 'message_empty' && attachments.length > 0
  if (!parsed.ok && !isOnlyFiles) throw new RequestError(parsed.code)
  const rate = ctx.rateLimits.sends.take(caller.userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })

  const sent = parsed.ok ? parsed.text : ''
  const message = {
    kind: 'member',
    roomId,
    senderId: caller.userId,
    type,
    fingerprint: fingerprintOf({ text: sent, type, replyTo, attachments }),
    counted: true,
    receivedAtMs: input.receivedAtMs ?? performance.now(),
    ...(clientId === undefined ? {} : { clientId }),
    ...(replyTo === undefined ? {} : { replyTo }),
  } as const
  const id = ctx.newId() as MessageId
  if (attachments.length === 0) return (await ctx.groups.send({ ...message, id, text: sent })).message
  return sendWithFiles(ctx, caller, { ...message, id, text: sent, attachments })
}

/**
 * Files are taken before the message is sent, under an id that is the same at every attempt with the same `clientId`:
 * however often it is tried, and wherever it is interrupted, they belong to one message or to none.
 */
async function sendWithFiles(
  ctx: ActionContext,
  { userId }: Caller,
  { attachments: ids, ...message }: SendItem & { attachments: readonly AttachmentId[] },
): Promise<StoredMessage> {
  const { roomId, clientId, id } = message
  if (clientId === undefined) {
    throw new RequestError('invalid_request', { message: 'A message with attachments needs a clientId.' })
  }
  const claimed = await claimAttachments(ctx.db, {
    userId,
    roomId,
    clientId,
    messageId: id,
    ids: [...new Set(ids)],
  })
  const { messageId, attachments } = claimed
  // Installed apps show text: without any they show what the files are called.
  const text = message.text === '' ? namesOf(attachments, ctx.limits.messageChars) : message.text
  try {
    const sent = await ctx.groups.send({ ...message, id: messageId, text, data: { attachments } })
    return sent.message
  } catch (error) {
    // Where nobody knows what became of it, the same attempt will be made again.
    if (error instanceof RequestError && error.retry !== 'later') {
      await releaseAttachments(ctx.db, claimed)
    }
    throw error
  }
}

function namesOf(attachments: readonly Attachment[], mostChars: number): string {
  const names = attachments.map(({ name }) => name).join(', ')
  return [...names].slice(0, mostChars).join('')
}
