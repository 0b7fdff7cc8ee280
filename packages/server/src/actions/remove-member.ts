import type { RoomId, UserId } from '@tally/protocol'
import { removeMember as writeRemoval } from '../store/remove-member.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { membershipsEnded, membersLeft } from './message-events.ts'

/**
 * Leaves a room (one's own id), or takes somebody out of a group. The room's part of that person's total goes
 * everywhere at once, and their devices hear nothing more of it.
 *
 * @param caller the person, an owner or admin (owners are removed by owners), or `null` for the host's backend.
 * @throws RequestError `room_not_found`, `forbidden`, `overloaded`, `storage_unavailable`.
 */
export async function removeMember(
  ctx: ActionContext,
  caller: Caller | null,
  { roomId, userId }: { roomId: RoomId; userId: UserId },
): Promise<void> {
  const committed = await ctx.changes({ caller, roomId }, () =>
    writeRemoval(ctx.db, { actorId: caller?.userId ?? null, roomId, userId }),
  )
  // Who was in no such room may have come into it by now, and keeps what they have open there.
  const [member] = committed.members
  if (member === undefined) return
  ctx.membersCache.forget(roomId)
  const frames = [...membershipsEnded(committed.members), ...membersLeft(committed.members, committed)]
  // A lease that outlived the membership would hide what is unread after coming back.
  const endsOpen = { userId, roomId, beforeEpoch: member.readEpoch + 1 }
  await deliver(ctx, { committed, frames, endsOpen, readers: new Set([userId]) })
}
