import type { UserId } from '@tally/protocol'
import {
  type DeleteUser,
  type Removal,
  type RemovalStep,
  deleteUser as writeDelete,
} from '../store/delete-user.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { membershipsEnded, membersLeft } from './message-events.ts'

/** Rooms left per transaction: what is locked at once stays small for people in thousands of rooms. */
const ROOMS_PER_STEP = 50
/** All of them are looked through for the person's name, far within the time that a statement has. */
const MESSAGES_PER_STEP = 50_000

/**
 * Removes an account: the person leaves every room, messages stay without a sender, open sockets end, tokens are no
 * longer good. A crash in the middle is completed by `finishInterrupted`.
 *
 * @throws RequestError `user_not_found`, `storage_unavailable`.
 */
export async function deleteUser(ctx: ActionContext, { userId }: { userId: UserId }): Promise<void> {
  // Gone for everybody before its rooms are left, which takes its time where there is much in them.
  const { deletedAt } = await takeStep(ctx, { userId, limit: 0 })
  if (deletedAt === null) return
  tellGone(ctx, userId, deletedAt)
  await completeRemoval(ctx, { userId, deletedAt })
}

/**
 * Goes on with a removal until nothing of the account is left. Several may be at it; who comes too late does nothing.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function completeRemoval(ctx: ActionContext, removal: Removal): Promise<void> {
  let step = await takeStep(ctx, removal)
  while (step.more) {
    const from = step.afterRoomId === null ? {} : { afterRoomId: step.afterRoomId }
    step = await takeStep(ctx, { ...removal, ...from })
  }
  // Somebody may have come with a token that was issued in between.
  if (typeof step.removedAt === 'string') tellGone(ctx, removal.userId, step.removedAt)
}

/** Who comes back once it is complete stays, however late this is heard. @param at ISO, to the microsecond. */
function tellGone(ctx: ActionContext, userId: UserId, at: string): void {
  const issuedBeforeMs = Date.parse(at) + 1
  ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'account_deleted', issuedBeforeMs }])
}

async function takeStep(
  ctx: ActionContext,
  from: Omit<DeleteUser, 'limit' | 'messages'> & { limit?: number },
): Promise<RemovalStep> {
  const { userId } = from
  const step = await ctx.ownChanges(userId, () =>
    writeDelete(ctx.db, { limit: ROOMS_PER_STEP, messages: MESSAGES_PER_STEP, ...from }),
  )
  const left = step.members.filter((member) => member.userId === userId && member.left)
  await deliver(ctx, {
    committed: step,
    frames: [...membershipsEnded(left), ...membersLeft(left, { rooms: step.rooms, deleted: true })],
    staleRooms: step.rooms.map(({ roomId }) => roomId),
  })
  return step
}
