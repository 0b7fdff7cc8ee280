import type { Frame } from '../bus/frames.ts'
import { type Revocation, readRecentRevocations } from '../store/read-recent-revocations.ts'
import type { ActionContext } from './context.ts'

/** Several touches: one of them may come while the database is away. */
const LOOK_BACK_MS = 30_000
/** A revocation is told when it is committed: word that came this much earlier than its time is word of it. */
const TOLERANCE_MS = 1_000

/**
 * Ends here what was revoked anywhere, should word of it have got lost. Nobody is told twice: a session that began
 * after the revocation must not end with it.
 *
 * @throws RequestError `storage_unavailable`; the next one looks back far enough.
 */
export async function endRevokedSessions(ctx: ActionContext): Promise<void> {
  const revocations = await readRecentRevocations(ctx.db, { withinMs: LOOK_BACK_MS })
  const nowMs = performance.now()
  const missed = revocations.filter(({ userId, beforeMs, agoMs, signIn }) => {
    // A sign-in ends for ever: to say so twice ends nothing that began since.
    if (signIn !== null) return ctx.devices.has(userId)
    const heard = ctx.devices.endOfSessions(userId)
    if (heard?.issuedBeforeMs !== undefined) return heard.issuedBeforeMs < beforeMs
    return heard === undefined || heard.atMs < nowMs - agoMs - TOLERANCE_MS
  })
  ctx.bus.send([ctx.bus.nodeId], missed.map(sessionEnded))
}

function sessionEnded({ userId, beforeMs, accountDeleted, signIn }: Revocation): Frame {
  if (signIn !== null) return { kind: 'session-ended', userId, reason: 'session_revoked', signIns: [signIn] }
  return {
    kind: 'session-ended',
    userId,
    reason: accountDeleted ? 'account_deleted' : 'session_revoked',
    issuedBeforeMs: beforeMs,
  }
}
