import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { LeaseChange } from '../core/ledger-step.ts'
import type { LedgerQuery } from '../core/ledger-view.ts'
import { applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/** People per step of the ledger: between two of them the node does what else has come. */
const PEOPLE_PER_STEP = 500

/**
 * Batched steps for everybody connected here: re-asserts their leases, drops lapsed ones, and tells the devices the
 * badge of this moment (they ignore what they know already) and the rooms that are open here their last change. People
 * whose copy is gone are warmed. This heals lost frames, lapsed leases and a flushed ledger.
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
  ctx.bus.send([ctx.bus.nodeId], await headsOfOpenRooms(ctx, here))
}

/** The last change of each room that is open here, asked once per room in the name of one of those who see it. */
async function headsOfOpenRooms(ctx: ActionContext, userIds: readonly UserId[]): Promise<Frame[]> {
  const asked = new Set<RoomId>()
  const queries: LedgerQuery[] = []
  for (const userId of userIds) {
    const rooms = [...ctx.devices.of(userId)].flatMap((device) => [...device.rooms])
    const fresh = [...new Set(rooms)].filter((roomId) => !asked.has(roomId))
    for (const roomId of fresh) asked.add(roomId)
    if (fresh.length > 0) queries.push({ userId, rooms: fresh })
  }
  if (queries.length === 0) return []
  const views = await ctx.ledger.read(queries)
  const rooms = views.flatMap((view) => (view.state === 'ready' ? view.rooms : []))
  return rooms.map(({ roomId, change }) => ({ kind: 'room-head', roomId, change }))
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
