import { type MarkDeliveredPayload, RequestError, type RoomId, type Seq } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import { isFeed } from '../core/feed.ts'
import { type DeliveredTo, readOwnHeads } from '../store/delivered.ts'
import type { ActionContext, Caller } from './context.ts'

/**
 * A device of the person has these rooms up to these places, at most up to their newest message. The others in the rooms
 * are told at once; the database some seconds later. Rooms the person is not in are passed over: a list that was put
 * together a moment ago may name one that was left since.
 *
 * In a room of more people than are shown with it nobody is told: each message would be answered by every device, and
 * every answer go to every device.
 *
 * @throws RequestError `rate_limited`, `storage_unavailable`.
 */
export async function markDelivered(
  ctx: ActionContext,
  { userId }: Caller,
  { rooms }: MarkDeliveredPayload,
): Promise<void> {
  const rate = ctx.rateLimits.deliveries.take(userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  const fresh = rooms.filter(
    ({ roomId, upToSeq }) => upToSeq > ctx.signals.deliveredSeq(roomId, userId) && !isFeed(roomId),
  )
  const unknown = fresh.filter(
    ({ roomId, upToSeq }) => knownHead(ctx, roomId) < upToSeq || !ctx.membersCache.knows(roomId, userId),
  )
  const { membersShown } = ctx.limits
  const heads =
    unknown.length === 0
      ? new Map<RoomId, { seq: Seq; people: number }>()
      : await readOwnHeads(ctx.db, {
          userId,
          roomIds: unknown.map(({ roomId }) => roomId),
          mostPeople: membersShown + 1,
        })
  const isUnknown = new Set(unknown)
  const frames: Frame[] = []
  for (const room of fresh) {
    const { roomId, upToSeq } = room
    const head = isUnknown.has(room) ? heads.get(roomId) : undefined
    if (isUnknown.has(room) && head === undefined) continue
    const seq = Math.min(upToSeq, head?.seq ?? upToSeq) as Seq
    if (seq <= ctx.signals.deliveredSeq(roomId, userId)) continue
    ctx.deliveries.note({ roomId, userId, seq })
    const people = head?.people ?? ctx.membersCache.known(roomId)?.length ?? 0
    if (people <= membersShown) frames.push(deliveryReceipt({ roomId, userId, seq }))
  }
  ctx.bus.send('all', frames)
}

/** The room has at least so many messages, as far as this node heard. */
function knownHead({ previews }: ActionContext, roomId: RoomId): number {
  return previews.peek(roomId)?.lastSeq ?? 0
}

/** Not for the person's own devices: to them it says nothing. */
function deliveryReceipt({ roomId, userId, seq: deliveredSeq }: DeliveredTo): Frame {
  return {
    kind: 'room-event',
    roomId,
    event: 'delivery-receipt',
    payload: { roomId, userId, deliveredSeq },
    exceptUserId: userId,
  }
}
