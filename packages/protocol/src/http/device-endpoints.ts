import { z } from 'zod'
import { Device, DeviceBody, DeviceKey } from '../device.ts'
import { Done } from './common.ts'
import type { Endpoint } from './endpoint.ts'

const DeviceParams = z.object({ deviceId: DeviceKey })

/** Where a person is signed in. */
export const deviceEndpoints = {
  listDevices: {
    method: 'GET',
    path: '/v1/devices',
    auth: 'user',
    tag: 'devices',
    summary: 'Where the caller is signed in, the device seen last first.',
    response: z.object({ items: z.array(Device) }),
  },
  putDevice: {
    method: 'PUT',
    path: '/v1/devices/:deviceId',
    auth: 'user',
    tag: 'devices',
    summary: 'Say that the caller is signed in on this device.',
    params: DeviceParams,
    body: DeviceBody,
    response: Device,
  },
  deleteDevice: {
    method: 'DELETE',
    path: '/v1/devices/:deviceId',
    auth: 'user',
    tag: 'devices',
    summary:
      'Sign the caller out on this device, at once, and forget it; `current` ends the own sign-in alone.',
    params: z.object({ deviceId: DeviceKey.or(z.literal('current')) }),
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
