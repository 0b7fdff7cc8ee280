import type { RoomId, UserId } from '@tally/protocol'
import type { ReadyOutcome } from '../core/ledger-step.ts'
import { readRecentRooms } from '../store/read-recent-rooms.ts'
import { announce } from './announce.ts'
import type { ActionContext } from './context.ts'

/**
 * Tells the devices here the rows of all rooms that changed lately, for people whose copy was lost and made anew. A step
 * that finds a key gone can tell nobody what it changed, and the new key knows how things are, not what a device still
 * shows otherwise. Who was never touched here has a list that is newer than that.
 *
 * @throws RequestError `storage_unavailable`; then the next touch tells it.
 */
export async function tellRecentRows(ctx: ActionContext, userIds: readonly UserId[]): Promise<void> {
  const here = userIds.filter((userId) => ctx.devices.touchedRev(userId) !== undefined)
  if (here.length === 0) return
  const recent = await readRecentRooms(ctx.db, here)
  const roomsOf = new Map<UserId, RoomId[]>(recent.map(({ userId, roomIds }) => [userId, roomIds]))
  const views = await ctx.ledger.read(here.map((userId) => ({ userId, rooms: roomsOf.get(userId) ?? [] })))
  const told: ReadyOutcome[] = []
  for (const view of views) {
    if (view.state !== 'ready') continue
    const { userId, badge, rooms } = view
    const since = ctx.devices.touchedRev(userId) ?? 0
    told.push({
      ...{ userId, state: 'ready', badge, since, badgeChanged: true, rooms },
      ...{ missing: [], nodes: [ctx.bus.nodeId] },
    })
    ctx.devices.touched(userId, badge.rev)
  }
  announce(ctx, told)
}
