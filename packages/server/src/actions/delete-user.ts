import type { RoomId, UserId } from '@tally/protocol'
import { forgetUploader } from '../store/attachments.ts'
import { deleteUser as writeDelete } from '../store/delete-user.ts'
import { revokeSessions as writeRevoke } from '../store/revoke-sessions.ts'
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
  // Before the account is done: a crash in the middle is completed as a whole.
  await forgetUploader(ctx.db, userId)
  // Gone for everybody before its rooms are left, which takes its time where there is much in them.
  await takeStep(ctx, { userId, limit: 0 })
  await writeRevoke(ctx.db, userId)
  ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'account_deleted' }])
  let step: Step = { more: true }
  while (step.more)
    step = await takeStep(ctx, { userId, limit: ROOMS_PER_STEP, afterRoomId: step.afterRoomId })
}

type Step = { more: boolean; afterRoomId?: RoomId | undefined }

async function takeStep(
  ctx: ActionContext,
  { userId, limit, afterRoomId }: { userId: UserId; limit: number; afterRoomId?: RoomId | undefined },
): Promise<Step> {
  const from = afterRoomId === undefined ? {} : { afterRoomId }
  const step = await ctx.ownChanges(userId, () =>
    writeDelete(ctx.db, { userId, limit, messages: MESSAGES_PER_STEP, ...from }),
  )
  const left = step.members.filter((member) => member.userId === userId && member.left)
  await deliver(ctx, {
    committed: step,
    frames: [...membershipsEnded(left), ...membersLeft(left, { rooms: step.rooms, deleted: true })],
    staleRooms: step.rooms.map(({ roomId }) => roomId),
  })
  return { more: step.more, afterRoomId: step.afterRoomId ?? undefined }
}
