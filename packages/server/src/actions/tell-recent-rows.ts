import type { RoomId, UserId } from '@tally/protocol'
import type { LedgerOutcome, ReadyOutcome } from '../core/ledger-step.ts'
import { readRecentRooms } from '../store/read-recent-rooms.ts'
import { announce } from './announce.ts'
import type { ActionContext } from './context.ts'
import type { Renewed } from './recent-rows.ts'

/** Their commits are a little older than what they came after. */
const SLACK_MS = 2_000
/** More than lies between two touches. */
const LONGEST_MS = 20_000

/**
 * Whose devices here may show something else than the copies that were just made. Those who are only coming are not among
 * them: by the time of the look they may have been touched, and what they load then is newer than what they would be told.
 */
export function renewedHere(
  { devices }: Pick<ActionContext, 'devices'>,
  outcomes: readonly LedgerOutcome[],
): Omit<Renewed, 'atMs'>[] {
  return outcomes.flatMap((outcome) =>
    outcome.state === 'ready' && devices.touchedRev(outcome.userId) !== undefined
      ? [{ userId: outcome.userId, rev: outcome.badge.rev }]
      : [],
  )
}

/**
 * Tells the devices here the rows of all rooms that changed lately, for people whose copy was lost and made anew. A step
 * that finds a key gone can tell nobody what it changed, and the new key knows how things are, not what a device still
 * shows otherwise. Who was never touched here has a list that is newer than that.
 *
 * @param people with a rev of the new copy: what changes after it the next touch tells, should its frame get lost.
 * @throws RequestError `storage_unavailable`; then the next touch tells it.
 */
export async function tellRecentRows(ctx: ActionContext, people: readonly Renewed[]): Promise<void> {
  const renewed = new Map(people.map((one) => [one.userId, one]))
  const here = [...renewed.keys()].filter((userId) => ctx.devices.touchedRev(userId) !== undefined)
  if (here.length === 0) return
  const toldAtMs = Math.min(...here.map((userId) => ctx.devices.touchedAtMs(userId)))
  const forMs = Math.min(LONGEST_MS, performance.now() - toldAtMs + SLACK_MS)
  const recent = await readRecentRooms(ctx.db, { userIds: here, forMs })
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
    const { rev, atMs } = renewed.get(userId) ?? { rev: since, atMs: toldAtMs }
    ctx.devices.touched(userId, rev, atMs)
  }
  announce(ctx, told)
}
