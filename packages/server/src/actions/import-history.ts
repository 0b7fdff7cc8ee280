import type { MessageId, RoomId, UserId } from '@tally/protocol'
import { dateMessages } from '../store/date-messages.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { ActionContext } from './context.ts'

/** A message as it was elsewhere. */
export type PastMessage = {
  /** `null`: a system message, which counts for nobody. */
  senderId: UserId | null
  text: string
  type: string
  replyTo?: number
  createdAt: Date
}

/**
 * Fills a new room with a history from elsewhere, oldest message first, with its times. The messages are stored and
 * counted like any others.
 *
 * @throws RequestError `room_not_found` when a sender is not in the room, `storage_unavailable`.
 */
export async function importHistory(
  ctx: ActionContext,
  { roomId, messages }: { roomId: RoomId; messages: readonly PastMessage[] },
): Promise<void> {
  const times: { seq: number; createdAt: Date }[] = []
  // One after the other: their order is the history's.
  for (const { senderId, text, type, replyTo, createdAt } of messages) {
    const { message } = await ctx.groups.send({
      kind: senderId === null ? 'system' : 'member',
      id: ctx.newId() as MessageId,
      roomId,
      senderId,
      text,
      type,
      fingerprint: fingerprintOf({ text, type, replyTo }),
      counted: senderId !== null,
      receivedAtMs: performance.now(),
      ...(replyTo === undefined ? {} : { replyTo }),
    })
    times.push({ seq: message.seq, createdAt })
  }
  await dateMessages(ctx.db, { roomId, times })
  ctx.previews.forget(roomId)
}
