import { type MessageId, RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'
import { readMember } from '../store/read-member.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Caller } from './context.ts'
import { listNewMessages, type NewMessages } from './list-new-messages.ts'
import { markRead } from './mark-read.ts'
import { type PollHint, pollHint } from './poll-hint.ts'
import { tellPolledVisits } from './tell-polled-visits.ts'

export type PollRoom = {
  roomId: RoomId
  /** The newest message the client has on its screen. */
  after?: MessageId | undefined
  /** What the poll before answered as `screenEpoch`; absent: the screen opens with this poll. */
  screenEpoch?: number | undefined
}

export type PolledRoom = NewMessages &
  PollHint & {
    /** The reading the screen was opened at. Once the person marks the room unread elsewhere, it is over. */
    screenEpoch: number
  }

/** A lapse between two polls would make the badge flicker: the lease is good for one missed poll. */
const LEASE_POLLS = 2

/**
 * One poll of a screen that shows a room: what is new on it. Between polls the room counts as open, and what the client
 * says it has is read. A screen that was open when the person marked the room unread neither reads nor hides anything
 * until it is opened anew, so that the mark outlives the next poll.
 *
 * @throws RequestError `room_not_found`, `storage_unavailable`.
 */
export async function pollRoom(ctx: ActionContext, caller: Caller, input: PollRoom): Promise<PolledRoom> {
  const { userId } = caller
  const { roomId, after, screenEpoch } = input
  const [read, member] = await Promise.all([
    listNewMessages(ctx, caller, {
      roomId,
      limit: ctx.limits.pollPageMax,
      ...(after === undefined ? {} : { after }),
    }),
    readMember(ctx.db, { userId, roomId }),
  ])
  if (member === undefined) throw new RequestError('room_not_found')
  const { readSeq, readEpoch } = member
  const open = screenEpoch === undefined || screenEpoch === readEpoch
  if (open && read.afterSeq !== undefined && read.afterSeq > readSeq) {
    await markRead(ctx, caller, { roomId, upToSeq: read.afterSeq, readEpoch })
  }
  const hint = await pollHint(ctx, caller, [roomId])
  await holdOpen(ctx, { userId, roomId, readEpoch, forMs: open ? hint.nextPollMs * LEASE_POLLS : 0 })
  // Marked unread while the lease was being put: it must not hide that.
  const epochNow = open ? await ctx.readEpochs.of({ userId, roomId }) : undefined
  const isOver = epochNow !== undefined && epochNow > readEpoch
  if (isOver) await holdOpen(ctx, { userId, roomId, readEpoch, forMs: 0 })
  // One person polls for several screens, each of one room.
  const visited = open && !isOver ? [roomId] : []
  await tellPolledVisits(ctx, { deviceId: `poll:${userId}@${roomId}`, userId }, visited)
  return { ...read, ...hint, screenEpoch: screenEpoch ?? readEpoch }
}

async function holdOpen(
  ctx: ActionContext,
  { userId, roomId, readEpoch, forMs }: { userId: UserId; roomId: RoomId; readEpoch: number; forMs: number },
): Promise<void> {
  const deviceId: DeviceId = `poll:${userId}`
  const lease =
    forMs === 0
      ? ({ kind: 'close', deviceId, roomId } as const)
      : ({ kind: 'open', deviceId, roomId, readEpoch, ttlMs: forMs } as const)
  // A cold ledger keeps no leases.
  await ctx.warmer.ensure([userId])
  await applySteps(ctx, [{ userId, leases: [lease] }], { readers: new Set([userId]) })
}
