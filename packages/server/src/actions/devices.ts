import type { Device, DeviceKey, UserId } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import {
  type DeviceRecord,
  endDevice,
  readDevices,
  signOut,
  putDevice as writeDevice,
} from '../store/devices.ts'
import type { ActionContext, Caller } from './context.ts'

/** A person with a token: who has a device has signed in on it. */
type SignedInCaller = Caller & { signIn: SignIn; issuedAtMs: number }

/**
 * Where the caller is signed in, the device seen last first.
 * @throws RequestError `storage_unavailable`.
 */
export async function listDevices(ctx: ActionContext, { userId, signIn }: SignedInCaller): Promise<Device[]> {
  return (await readDevices(ctx.db, userId)).map((device) => deviceView(device, signIn))
}

/**
 * The caller is signed in on this device.
 * @throws RequestError `session_revoked`, `storage_unavailable`.
 */
export async function putDevice(
  ctx: ActionContext,
  { userId, signIn, issuedAtMs }: SignedInCaller,
  device: Pick<Device, 'id' | 'kind' | 'name' | 'browser' | 'os'>,
): Promise<Device> {
  const { devicesPerUser: mostDevices } = ctx.limits
  endSignIns(ctx, userId, await writeDevice(ctx.db, { ...device, userId, signIn, issuedAtMs, mostDevices }))
  const stored = (await readDevices(ctx.db, userId)).find(({ id }) => id === device.id)
  if (stored === undefined) throw new Error('a device that was just stored is not there')
  return deviceView(stored, signIn)
}

/**
 * Signs the caller out on a device, wherever it is connected, and forgets it. One that is not there changes nothing.
 * `current`: ends what the caller's own token belongs to and no more, also when it never said on which device that is.
 * @throws RequestError `storage_unavailable`.
 */
export async function deleteDevice(
  ctx: ActionContext,
  { userId, signIn }: SignedInCaller,
  { deviceId }: { deviceId: DeviceKey | 'current' },
): Promise<void> {
  if (deviceId !== 'current') {
    endSignIns(ctx, userId, await endDevice(ctx.db, { userId, deviceId }))
    return
  }
  await signOut(ctx.db, { userId, signIn })
  endSignIns(ctx, userId, [signIn])
}

function endSignIns(ctx: ActionContext, userId: UserId, signIns: readonly SignIn[]): void {
  if (signIns.length === 0) return
  ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'session_revoked', signIns }])
}

function deviceView({ signIns, ...device }: DeviceRecord, own: SignIn): Device {
  return { ...device, current: signIns.includes(own) }
}
