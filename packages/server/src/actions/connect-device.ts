import type { BadgeValue, DeviceId } from '../core/ledger-step.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Caller } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * A device of this person is connected to this node: the ledger is made ready for the person and told where to find it.
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
  let isWarm = true
  try {
    await ctx.warmer.ensure([userId])
  } catch (error) {
    ctx.log.warn({ err: error }, 'a badge is unknown until the database is back')
    isWarm = false
  }
  // Gone while the badge was being read: a lease put now would outlive its device.
  if (ctx.devices.get(deviceId) === undefined) return null
  const connect = { kind: 'connect', deviceId, nodeId: ctx.bus.nodeId, ttlMs: LEASE_TTL_MS } as const
  const askedAtMs = performance.now()
  const [outcome] = isWarm ? await applySteps(ctx, [{ userId, leases: [connect] }]) : []
  // Last, because the answer to who else is here comes soon, and the device must be ready for it.
  if (ctx.devices.get(deviceId) !== undefined) ctx.presence.connected(userId)
  if (outcome?.state !== 'ready') return null
  const { badge } = outcome
  if (ctx.devices.touchedRev(userId) === undefined) ctx.devices.touched(userId, badge.rev, askedAtMs)
  return badge
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
