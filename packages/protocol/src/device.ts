import { z } from 'zod'
import { IsoTime } from './ids.ts'
import { LIMITS } from './limits.ts'
import { line } from './text.ts'

/** An installation of an app, or a browser, by a name it gave itself and keeps. */
export const DeviceKey = z.string().regex(/^[\w-]{8,64}$/, 'must be 8 to 64 of A-Z a-z 0-9 _ -')
export type DeviceKey = z.infer<typeof DeviceKey>

/** What kind of thing a device is, as far as it says. */
export const DeviceKind = z.enum(['computer', 'phone', 'tablet', 'other'])
export type DeviceKind = z.infer<typeof DeviceKind>

/** A device on which a person is signed in. */
export const Device = z.object({
  id: DeviceKey,
  kind: DeviceKind,
  /** What its app calls it; `null`: nothing. */
  name: z.string().nullable(),
  /** By its user agent. */
  browser: z.string().nullable(),
  os: z.string().nullable(),
  createdAt: IsoTime,
  /** To the hour or so. */
  lastSeenAt: IsoTime,
  /** The one that asks. */
  current: z.boolean(),
})
export type Device = z.infer<typeof Device>

/** What an app says of the device it runs on. */
export const DeviceBody = z.object({ name: line(LIMITS.deviceNameChars, 1).nullish() })
export type DeviceBody = z.infer<typeof DeviceBody>
