import type { RoomId, UserId } from '@tally/protocol'
import type { LeaseChange } from '../core/ledger-step.ts'
import type { ActionContext } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * What ends a person's open leases on a room, to be asked for in the moment in which the ledger is told. The devices heard
 * of it earlier, by a frame: those that show the room by now opened it after its end, and go on having it open.
 */
export function endedOpens(
  ctx: ActionContext,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): LeaseChange[] {
  const opens: LeaseChange[] = [{ kind: 'close-all', roomId }]
  for (const { deviceId, visible, rooms } of ctx.devices.of(userId)) {
    if (visible && rooms.has(roomId)) opens.push({ kind: 'open', deviceId, roomId, ttlMs: LEASE_TTL_MS })
  }
  return opens
}
