import type { RoomId, UserId } from '@tally/protocol'
import { applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'
import { type ReadyView, readyView } from './ready-view.ts'

/**
 * The ledger's view of a person once there is something to tell, or when the time is up. It waits as a socket does:
 * the node is registered as one where the person is, and a frame for the person ends the waiting. It looks when it
 * begins and when it was woken, and never in between.
 */
export async function waitForMove(
  ctx: ActionContext,
  {
    query,
    wait,
    moved,
  }: {
    query: { userId: UserId; rooms: readonly RoomId[]; since?: number }
    wait: { ms: number; signal: AbortSignal }
    moved: (view: ReadyView) => boolean
  },
): Promise<ReadyView> {
  const { userId } = query
  const before = await readyView(ctx, query)
  if (moved(before) || wait.ms === 0) return before

  // Not ended with the wait: other polls of this person may be under way. It lapses when none of them comes again.
  const connect = {
    kind: 'connect',
    deviceId: `poll:${userId}`,
    nodeId: ctx.bus.nodeId,
    ttlMs: LEASE_TTL_MS,
  } as const
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, wait.ms)
  wait.signal.addEventListener('abort', end, { once: true })
  try {
    // Registered before the second look: what happens after it finds somebody to wake.
    const woken = ctx.devices.waitForChange(userId, over.signal)
    await applySteps(ctx, [{ userId, leases: [connect] }])
    const registered = await readyView(ctx, query)
    if (moved(registered) || wait.signal.aborted) return registered
    await woken
    return await readyView(ctx, query)
  } finally {
    clearTimeout(timer)
    wait.signal.removeEventListener('abort', end)
    end()
  }
}
