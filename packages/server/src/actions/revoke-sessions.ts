import type { UserId } from '@tally/protocol'
import { ensureUsers } from '../store/ensure-users.ts'
import { revokeSessions as writeRevoke } from '../store/revoke-sessions.ts'
import type { ActionContext } from './context.ts'

/**
 * Ends every session of a person, by the host's backend: tokens issued until now are refused, open sockets are told and
 * closed. Somebody nobody has heard of is made known by it: a token of theirs may be out before its first use.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function revokeSessions(ctx: ActionContext, { userId }: { userId: UserId }): Promise<void> {
  await ensureUsers(ctx.db, [userId])
  await writeRevoke(ctx.db, userId)
  ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'session_revoked' }])
}
