import { RequestError, type UserId } from '@tally/protocol'
import { readBlockBetween } from '../store/read-blocks.ts'
import { readRoomByKey } from '../store/read-room-by-key.ts'
import type { ActionContext, Caller } from './context.ts'

type Context = Pick<ActionContext, 'db' | 'rateLimits' | 'now'>

/**
 * What two people have, they keep; a new room between two of whom one blocked the other is not made by either.
 * @throws RequestError `blocked`, `rate_limited` for who makes too many, `storage_unavailable`.
 */
export async function mayMeet(
  ctx: Context,
  caller: Caller,
  { key, userId, otherId }: { key: string; userId: UserId; otherId: UserId },
): Promise<void> {
  const [room, blocked] = await Promise.all([
    readRoomByKey(ctx.db, key),
    readBlockBetween(ctx.db, { userId, otherId }),
  ])
  if (room !== undefined) return
  if (blocked) throw new RequestError('blocked')
  takeInvitations(ctx, caller, 1)
}

/**
 * A person brings as many people into groups as is usual. (Whom somebody blocked they bring nowhere: that is refused where
 * it is written.)
 * @param group.key of one that is to be made, and may be there already.
 * @throws RequestError `rate_limited`, `storage_unavailable`.
 */
export async function mayInvite(
  ctx: Context,
  caller: Caller,
  { key, userIds }: { key?: string | undefined; userIds: readonly UserId[] },
): Promise<void> {
  if (key !== undefined && (await readRoomByKey(ctx.db, key)) !== undefined) return
  takeInvitations(ctx, caller, userIds.length)
}

function takeInvitations({ rateLimits, now }: Context, { userId }: Caller, count: number): void {
  const rate = rateLimits.invitations.take(userId, now(), count)
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
}
