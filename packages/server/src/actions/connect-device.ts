import type { BadgeValue, DeviceId, LedgerOutcome, LedgerStep } from '../core/ledger-step.ts'
import { applySteps, tellOutcomes } from './announce.ts'
import type { ActionContext, Arrival, Caller } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * A device of this person is connected to this node: the ledger is told where to find it, and made ready for the person
 * where it is not.
 *
 * @returns the badge of this moment, or `null` when it cannot be known right now (the database is away and the ledger
 * cold): the device is connected all the same and gets its badge with the next touch that finds it.
 */
export async function connectDevice(
  ctx: ActionContext,
  caller: Caller & { deviceId: DeviceId },
): Promise<BadgeValue | null> {
  const { userId, deviceId } = caller
  ctx.devices.connect(caller)
  const askedAtMs = performance.now()
  const met = await ctx.arrivals.ask({ userId, deviceId })
  const outcome = met.state === 'ready' ? met : await becomeReady(ctx, { userId, deviceId })
  if (ctx.devices.get(deviceId) === undefined) return null
  // Last, because the answer to who else is here comes soon, and the device must be ready for it.
  ctx.presence.connected(userId)
  if (outcome?.state !== 'ready') return null
  const { badge } = outcome
  if (ctx.devices.touchedRev(userId) === undefined) ctx.devices.touched(userId, badge.rev, askedAtMs)
  return badge
}

/**
 * Puts the leases of devices that come at once. Those whose key is cold or being made are left to `connectDevice`, which
 * has to wait for them.
 */
export async function putArrivals(
  ctx: ActionContext,
  arrivals: readonly Arrival[],
): Promise<LedgerOutcome[]> {
  const steps = arrivals.map((arrival) => stepOf(ctx, arrival))
  const outcomes = await ctx.ledger.apply(steps)
  const isReady = (_: unknown, index: number): boolean => outcomes[index]?.state === 'ready'
  tellOutcomes(ctx, steps.filter(isReady), outcomes.filter(isReady))
  return outcomes
}

function stepOf(ctx: ActionContext, { userId, deviceId }: Arrival): LedgerStep {
  // Gone while it waited for its turn: a lease put now would outlive it.
  if (ctx.devices.get(deviceId) === undefined) return { userId }
  const { nodeId } = ctx.bus
  return { userId, leases: [{ kind: 'connect', deviceId, nodeId, ttlMs: LEASE_TTL_MS }] }
}

async function becomeReady(ctx: ActionContext, arrival: Arrival): Promise<LedgerOutcome | undefined> {
  try {
    const warmed = await ctx.warmer.warm(arrival.userId)
    if (warmed !== undefined) return warmed
  } catch (error) {
    ctx.log.warn({ err: error }, 'a badge is unknown until the database is back')
    return undefined
  }
  const [outcome] = await applySteps(ctx, [stepOf(ctx, arrival)])
  return outcome
}

/** The device is gone: nothing was confirmed by that, and what it had open counts again. */
export async function disconnectDevice(ctx: ActionContext, deviceId: DeviceId): Promise<void> {
  const device = ctx.devices.disconnect(deviceId)
  if (device === undefined) return
  ctx.presence.disconnected(device.userId)
  const { userId } = device
  await applySteps(ctx, [{ userId, leases: [{ kind: 'disconnect', deviceId }] }], {
    readers: new Set([userId]),
  })
}
