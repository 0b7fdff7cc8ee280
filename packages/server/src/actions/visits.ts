import type { LeaseChange } from '../core/ledger-step.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Visit } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * Puts and ends the leases of rooms that devices open and close, in one step a person: whoever goes from one room to
 * another moves their badge once.
 */
export async function putVisits(ctx: ActionContext, visits: readonly Visit[]): Promise<undefined[]> {
  const people = Map.groupBy(visits, ({ userId }) => userId)
  const steps = Array.from(people, ([userId, own]) => ({
    userId,
    leases: own.flatMap((visit) => leaseOf(ctx, visit) ?? []),
  }))
  const changing = steps.filter(({ leases }) => leases.length > 0)
  if (changing.length > 0) await applySteps(ctx, changing, { readers: new Set(people.keys()) })
  return visits.map(() => undefined)
}

function leaseOf(ctx: ActionContext, { kind, deviceId, roomId }: Visit): LeaseChange | undefined {
  if (kind === 'close') return { kind, deviceId, roomId }
  const device = ctx.devices.get(deviceId)
  // Hidden, gone or put out of the room while it waited for its turn: a lease put now would outlive that.
  if (device?.visible !== true || !device.rooms.has(roomId)) return undefined
  return { kind, deviceId, roomId, ttlMs: LEASE_TTL_MS }
}
