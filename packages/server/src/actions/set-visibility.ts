import type { DeviceId } from '../core/ledger-step.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Caller } from './context.ts'
import { opensOf } from './leases.ts'

/** A hidden device has no room open, a visible one has those open that it joined. */
export async function setVisibility(
  ctx: ActionContext,
  caller: Caller & { deviceId: DeviceId },
  input: { visible: boolean },
): Promise<void> {
  const { userId, deviceId } = caller
  const device = ctx.devices.get(deviceId)
  if (device === undefined || device.visible === input.visible) return
  device.visible = input.visible
  const leases = input.visible
    ? opensOf(device)
    : Array.from(device.rooms.keys(), (roomId) => ({ kind: 'close', deviceId, roomId }) as const)
  await applySteps(ctx, [{ userId, leases }], { readers: new Set([userId]) })
}
