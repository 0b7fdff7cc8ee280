import { setImmediate as nextTurn } from 'node:timers/promises'
import type { UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { LeaseChange } from '../core/ledger-step.ts'
import { applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/** People per step of the ledger: between two of them the node does what else has come. */
const PEOPLE_PER_STEP = 500

/**
 * Batched steps for everybody connected here: re-asserts their leases, drops lapsed ones, and tells the devices the
 * badge of this moment (they ignore what they know already). People whose copy is gone are warmed. This heals lost
 * frames, lapsed leases and a flushed ledger.
 */
export async function touchDevices(ctx: ActionContext): Promise<void> {
  const userIds = [...ctx.devices.users()]
  for (let first = 0; first < userIds.length; first += PEOPLE_PER_STEP) {
    if (first > 0) await nextTurn()
    await touch(ctx, userIds.slice(first, first + PEOPLE_PER_STEP))
  }
  await ctx.presence.touch()
}

async function touch(ctx: ActionContext, userIds: readonly UserId[]): Promise<void> {
  const here = userIds.filter((userId) => ctx.devices.has(userId))
  const steps = here.map((userId) => ({ userId, leases: leasesOf(ctx, userId) }))
  const outcomes = await applySteps(ctx, steps)
  const frames: Frame[] = []
  for (const outcome of outcomes) {
    // Whoever waits for rows gets the badge behind them.
    if (outcome.state !== 'ready' || ctx.heldNews.has(outcome.userId)) continue
    const { userId, badge } = outcome
    frames.push({ kind: 'user', userId, badge, rooms: [], urgent: false })
  }
  ctx.bus.send([ctx.bus.nodeId], frames)
}

/** The leases of a person's devices on this node, as they are now. */
export function leasesOf(ctx: ActionContext, userId: UserId): LeaseChange[] {
  const leases: LeaseChange[] = []
  for (const { deviceId, visible, rooms } of ctx.devices.of(userId)) {
    leases.push({ kind: 'connect', deviceId, nodeId: ctx.bus.nodeId, ttlMs: LEASE_TTL_MS })
    if (!visible) continue
    for (const roomId of rooms) leases.push({ kind: 'open', deviceId, roomId, ttlMs: LEASE_TTL_MS })
  }
  return leases
}
