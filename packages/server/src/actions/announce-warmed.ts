import type { LedgerOutcome, ReadyOutcome } from '../core/ledger-step.ts'
import type { ActionContext } from './context.ts'
import { announce } from './deliver.ts'
import { reassert } from './touch-devices.ts'

/**
 * People became ready: the leases of their devices here are put again, because a cold key keeps none, and the devices
 * are told what changed meanwhile.
 */
export async function announceWarmed(ctx: ActionContext, outcomes: readonly LedgerOutcome[]): Promise<void> {
  const ready = outcomes.filter((outcome): outcome is ReadyOutcome => outcome.state === 'ready')
  const here = ready.filter(({ userId }) => ctx.devices.has(userId))
  if (here.length === 0) return
  const asserted = await ctx.ledger.apply(here.map(({ userId }) => reassert(ctx, userId)))
  const merged = asserted.map((outcome, index) => {
    const warmed = here[index]
    if (outcome.state !== 'ready' || warmed === undefined) return outcome
    // What opening hid since is newer than what the snapshot showed.
    const rooms = new Map([...warmed.rooms, ...outcome.rooms].map((room) => [room.roomId, room]))
    return { ...outcome, badgeChanged: true, rooms: [...rooms.values()] }
  })
  await announce(ctx, merged)
}
