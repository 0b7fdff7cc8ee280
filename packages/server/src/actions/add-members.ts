import type { JoinHistory, Role, RoomId, UserId } from '@tally/protocol'
import { addMembers as writeMembers } from '../store/add-members.ts'
import { ensureUsers } from '../store/ensure-users.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { mayInvite } from './invitations.ts'
import { meet } from './meet.ts'
import { roomsChanged } from './message-events.ts'

export type AddMembers = {
  roomId: RoomId
  userIds: readonly UserId[]
  role: Role
  /** What of the past is unread for them; absent: the room's own policy. */
  history?: JoinHistory | undefined
}

/**
 * Adds people to a group; who is in it stays as they are. People nobody has heard of are made known when the host names
 * them; a person can name those only who are known.
 *
 * @param caller an owner or admin, or `null` for the host's backend. Only owners make owners.
 * @throws RequestError `room_not_found`, `forbidden` (also: a third person in a direct room), `user_not_found` (a
 * deleted account too), `blocked` for somebody who blocked the caller, `limit_exceeded`, `rate_limited`, `overloaded`,
 * `storage_unavailable`.
 */
export async function addMembers(
  ctx: ActionContext,
  caller: Caller | null,
  input: AddMembers,
): Promise<void> {
  const { roomId, role, history } = input
  const userIds = [...new Set(input.userIds)]
  if (caller === null) await ensureUsers(ctx.db, userIds)
  else await mayInvite(ctx, caller, { userIds })
  const committed = await ctx.changes({ caller, roomId }, () =>
    writeMembers(ctx.db, {
      actorId: caller?.userId ?? null,
      roomId,
      userIds,
      role,
      ...(history === undefined ? {} : { history }),
      limits: ctx.limits,
    }),
  )
  await deliver(ctx, { committed, frames: roomsChanged(committed.rooms) })
  await meet(ctx, committed)
}
