import type { RoomId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'
import type { ActionContext, Caller } from './context.ts'
import { read } from './mark-read.ts'

/**
 * A device no longer shows a room. What it confirmed is read first, so that the badge does not rise in between; what
 * it never confirmed counts again.
 */
export async function closeRoom(
  ctx: ActionContext,
  caller: Caller & { deviceId: DeviceId },
  input: { roomId: RoomId; confirmed?: { upToSeq: number; readEpoch: number } },
): Promise<void> {
  const { userId, deviceId } = caller
  const { roomId, confirmed } = input
  try {
    if (confirmed !== undefined) await read(ctx, caller, { roomId, ...confirmed })
  } finally {
    const device = ctx.devices.get(deviceId)
    device?.rooms.delete(roomId)
    device?.markedUnread.delete(roomId)
    await ctx.visits.ask({ kind: 'close', userId, deviceId, roomId })
  }
}
