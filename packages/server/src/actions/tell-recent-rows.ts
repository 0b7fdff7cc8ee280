import type { RoomId, UserId } from '@tally/protocol'
import type { ReadyOutcome } from '../core/ledger-step.ts'
import { readRecentRooms } from '../store/read-recent-rooms.ts'
import { announce } from './announce.ts'
import type { ActionContext } from './context.ts'
import type { Renewed } from './recent-rows.ts'

/**
 * Tells the devices here the rows of all rooms that changed lately, for people whose copy was lost and made anew. A step
 * that finds a key gone can tell nobody what it changed, and the new key knows how things are, not what a device still
 * shows otherwise. Who was never touched here has a list that is newer than that.
 *
 * @param people with a rev of the new copy: what changes after it the next touch tells, should its frame get lost.
 * @throws RequestError `storage_unavailable`; then the next touch tells it.
 */
export async function tellRecentRows(ctx: ActionContext, people: readonly Renewed[]): Promise<void> {
  const revs = new Map(people.map(({ userId, rev }) => [userId, rev]))
  const here = [...revs.keys()].filter((userId) => ctx.devices.touchedRev(userId) !== undefined)
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
    // Not the rev of this view: what was committed between the two looks is in that, and not among these rows.
    ctx.devices.touched(userId, revs.get(userId) ?? since)
  }
  announce(ctx, told)
}
