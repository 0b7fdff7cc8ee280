import type { Device, v1 } from '@tally/protocol'
import { type Caller, nativeCall } from './native-call.ts'

type V1 = typeof v1
const DEVICE = '/v1/devices/:deviceId'

/**
 * Says that the person is signed in on this device, so that it stands in the list and can be signed out from another one.
 * To be said when an app starts; once an hour is often enough.
 *
 * @param device `id`: 8 to 64 of `A-Z a-z 0-9 _ -`, made up by the app once and kept where it is installed. `name`: what
 * people call the device, where the app knows that.
 * @throws RequestError `session_revoked` when it was signed out, …
 */
export function registerDevice(tally: Caller, { id, name }: { id: string; name?: string }): Promise<Device> {
  const body = name === undefined ? {} : { name }
  return nativeCall<V1['putDevice']>(
    tally,
    { method: 'PUT', path: DEVICE },
    { params: { deviceId: id }, body },
  )
}

/** Where the person is signed in, the device seen last first. @throws RequestError */
export async function listDevices(tally: Caller): Promise<Device[]> {
  return (await nativeCall<V1['listDevices']>(tally, { method: 'GET', path: '/v1/devices' }, {})).items
}

/** Signs the person out on a device, at once, and forgets it; `current`: where this is called, and only there. @throws RequestError */
export async function signOutDevice(tally: Caller, deviceId: string): Promise<void> {
  await nativeCall<V1['deleteDevice']>(tally, { method: 'DELETE', path: DEVICE }, { params: { deviceId } })
}
