import { RequestError, type RoomId, type UserId } from '@tally/protocol'
import { applySteps } from './announce.ts'
import type { ActionContext, Caller } from './context.ts'
import { LEASE_TTL_MS, pollingDeviceId, TOUCH_INTERVAL_MS } from './leases.ts'
import { type ReadyView, readyView } from './ready-view.ts'

/**
 * The ledger's view of a person once there is something to tell, or when the time is up. It waits as a socket does:
 * the node is registered as one where the person is, and looks again when a frame for the person has come and with every
 * touch.
 *
 * @throws RequestError `session_revoked` when that happens meanwhile; `storage_unavailable`.
 */
export async function waitForMove(
  ctx: ActionContext,
  {
    query,
    caller,
    wait,
    moved,
    look,
  }: {
    query: { userId: UserId; rooms: readonly RoomId[]; since?: number }
    caller: Pick<Caller, 'signIn' | 'issuedAtMs'>
    wait: { ms: number; signal: AbortSignal }
    moved: (view: ReadyView) => boolean
    /** Before each further look: says that whoever waits is still there. */
    look: () => Promise<void>
  },
): Promise<ReadyView> {
  const { userId } = query
  const before = await readyView(ctx, query)
  if (moved(before) || wait.ms === 0) return before
  // One who waits holds a connection as a socket does, so a person has as many of them; the next one asks again later.
  if (ctx.devices.waitingFor(userId) >= ctx.limits.connectionsPerUser) return before

  // Not ended with the wait: other polls of this person may be under way. It lapses when none of them comes again.
  const connect = {
    kind: 'connect',
    deviceId: pollingDeviceId(ctx, userId),
    nodeId: ctx.bus.nodeId,
    ttlMs: Math.max(LEASE_TTL_MS, wait.ms + TOUCH_INTERVAL_MS),
  } as const
  const found = new AbortController()
  const over = AbortSignal.any([wait.signal, found.signal, AbortSignal.timeout(wait.ms)])
  const stopWaiting = ctx.pollingPeople.waitIn(query.rooms, userId)
  try {
    await applySteps(ctx, [{ userId, leases: [connect] }])
    for (;;) {
      // Registered before the look: what happens after it finds somebody to wake.
      const waiting = ctx.devices.waitForChange({ ...caller, userId }, over)
      const view = await readyView(ctx, query)
      if (moved(view)) return view
      const woken = await waiting
      // The caller was somebody when the wait began.
      if (woken === 'ended') throw new RequestError('session_revoked')
      if (woken === 'over') return await readyView(ctx, query)
      // Whoever hung up shows nothing any more.
      if (!wait.signal.aborted) await look()
    }
  } finally {
    stopWaiting()
    found.abort()
  }
}
