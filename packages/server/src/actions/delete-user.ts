import type { RoomId, UserId } from '@tally/protocol'
import { forgetUploader } from '../store/attachments.ts'
import { deleteUser as writeDelete } from '../store/delete-user.ts'
import { revokeSessions as writeRevoke } from '../store/revoke-sessions.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { membershipsEnded, membersLeft } from './message-events.ts'

/** Rooms left per transaction: what is locked at once stays small for people in thousands of rooms. */
const ROOMS_PER_STEP = 50

/**
 * Removes an account: the person leaves every room, messages stay without a sender, open sockets end, tokens are no
 * longer good. A crash in the middle is completed by `finishInterrupted`.
 *
 * @throws RequestError `user_not_found`, `storage_unavailable`.
 */
export async function deleteUser(ctx: ActionContext, { userId }: { userId: UserId }): Promise<void> {
  // Before the account is done: a crash in the middle is completed as a whole.
  await forgetUploader(ctx.db, userId)
  let afterRoomId: RoomId | undefined
  let more = true
  let revoked = false
  while (more) {
    const step = await writeDelete(ctx.db, {
      userId,
      limit: ROOMS_PER_STEP,
      ...(afterRoomId === undefined ? {} : { afterRoomId }),
    })
    if (!revoked) {
      await writeRevoke(ctx.db, userId)
      ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'account_deleted' }])
      revoked = true
    }
    const left = step.members.filter((member) => member.userId === userId && member.left)
    await deliver(ctx, {
      committed: step,
      frames: [...membershipsEnded(left), ...membersLeft(left, { rooms: step.rooms, deleted: true })],
      staleRooms: step.rooms.map(({ roomId }) => roomId),
    })
    afterRoomId = step.afterRoomId ?? undefined
    more = step.more
  }
}
