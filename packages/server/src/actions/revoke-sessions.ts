import type { UserId } from '@tally/protocol'
import { revokeSessions as writeRevoke } from '../store/revoke-sessions.ts'
import type { ActionContext } from './context.ts'

/**
 * Ends every session of a person, by the host's backend: tokens issued until now are refused, open sockets are told and
 * closed.
 *
 * @throws RequestError `user_not_found`, `storage_unavailable`.
 */
export async function revokeSessions(ctx: ActionContext, { userId }: { userId: UserId }): Promise<void> {
  await writeRevoke(ctx.db, userId)
  ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'session_revoked' }])
}
