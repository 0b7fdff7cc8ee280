import { RequestError, type RoomId, type UserId } from '@tally/protocol'
import { applicationKey } from '../core/room-keys.ts'
import { createRoom as writeRoom } from '../store/create-room.ts'
import { ensureUsers } from '../store/ensure-users.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { mayMeet } from './invitations.ts'
import { meet } from './meet.ts'
import { rejoin } from './rejoin.ts'

export type CreateApplicationRoom = {
  applicationId: string
  userId: UserId
  companyId: UserId
  jobPostingId?: string | null | undefined
  jobTitle?: string | null | undefined
}

/**
 * The room of an application, made with the first request for it: a direct room of a job seeker and a company. Whoever
 * of the two left it is back in it by asking. A company that has not been seen yet is made known: the app asks with
 * ids it has from its own backend.
 *
 * @throws RequestError `forbidden` when the caller is neither of the two, and when the application belongs to other
 * people; `invalid_request`, `user_not_found` for a deleted account, `blocked` where one of the two blocked the other,
 * `limit_exceeded`, `rate_limited`, `storage_unavailable`.
 */
export async function createApplicationRoom(
  ctx: ActionContext,
  caller: Caller,
  input: CreateApplicationRoom,
): Promise<{ roomId: RoomId }> {
  const { applicationId, userId, companyId, jobPostingId = null, jobTitle = null } = input
  if (caller.userId !== userId && caller.userId !== companyId) throw new RequestError('forbidden')
  if (userId === companyId) {
    throw new RequestError('invalid_request', { message: 'An application has two sides.' })
  }
  const key = applicationKey(applicationId)
  await mayMeet(ctx, caller, { key, userId, otherId: companyId })
  await ensureUsers(ctx.db, [userId, companyId])
  const { roomId, created, ...committed } = await ctx
    .ownChanges(caller.userId, () =>
      writeRoom(ctx.db, {
        id: ctx.newId() as RoomId,
        kind: 'direct',
        key,
        metadata: {
          applicationId,
          userId,
          companyId,
          jobPostingId,
          ...(jobTitle === null ? {} : { jobTitle }),
        },
        history: 'none',
        creatorId: caller.userId,
        members: [
          { userId, role: 'member' },
          { userId: companyId, role: 'member' },
        ],
        limits: ctx.limits,
      }),
    )
    .catch((error: unknown) => {
      if (error instanceof RequestError && error.code === 'room_key_conflict')
        throw new RequestError('forbidden')
      throw error
    })
  await deliver(ctx, { committed })
  await meet(ctx, committed)
  if (!created) await rejoin(ctx, { userId: caller.userId, roomId })
  return { roomId }
}
