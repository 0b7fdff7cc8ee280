import type { OpenRoom } from '@tally/protocol'
import type { DeviceId, LeaseChange } from '../core/ledger-step.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Caller } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'
import { tellPolledVisits } from './tell-polled-visits.ts'

/** How often it is tried again where the ledger was cold, or a room was marked unread meanwhile. */
const MOST_LOOKS = 3

/**
 * A polling device shows these rooms, and no others: they are left out of the person's badge until it does not ask any
 * more. One that was marked unread since the visit began is not: otherwise the next poll would undo the mark.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function showPolledRooms(
  ctx: ActionContext,
  { userId }: Caller,
  { deviceId, open }: { deviceId: DeviceId; open: readonly OpenRoom[] },
): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const epochs = open.map(({ roomId }) => ctx.readEpochs.of({ userId, roomId }))
    const current = await Promise.all(epochs)
    const shown = open.filter(({ readEpoch }, index) => current[index] === readEpoch)
    const leases: LeaseChange[] = [
      { kind: 'disconnect', deviceId },
      ...shown.map((room) => ({ kind: 'open', deviceId, ...room, ttlMs: LEASE_TTL_MS }) as const),
    ]
    const [outcome] = await applySteps(ctx, [{ userId, leases }], { readers: new Set([userId]) })
    if (outcome?.state === 'cold') {
      // It keeps no leases.
      await ctx.warmer.ensure([userId])
      continue
    }
    await tellPolledVisits(
      ctx,
      { deviceId, userId },
      shown.map(({ roomId }) => roomId),
    )
    // Marked unread while the lease was being put: it must not hide that.
    if (open.every(({ roomId }, index) => ctx.readEpochs.of({ userId, roomId }) === epochs[index])) return
  }
}
