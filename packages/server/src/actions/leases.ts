import type { UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { LocalDevice } from '../bus/local-devices.ts'
import type { DeviceId, LeaseChange } from '../core/ledger-step.ts'

/**
 * How long the ledger believes in a connection or an open room that is not re-asserted. What a device that vanished
 * without a word never confirmed counts again with the next touch after that: within 30 s.
 */
export const LEASE_TTL_MS = 24_000

/** How often a node re-asserts what it holds. */
export const TOUCH_INTERVAL_MS = 5_000

/** The leases of what a device has open: nothing is while nobody can see it. */
export function opensOf({ deviceId, visible, rooms }: LocalDevice): LeaseChange[] {
  if (!visible) return []
  return Array.from(rooms).flatMap(([roomId, readEpoch]) =>
    // Without one it is on its way to be opened.
    readEpoch === undefined ? [] : [{ kind: 'open', deviceId, roomId, readEpoch, ttlMs: LEASE_TTL_MS }],
  )
}

/** By which a person who polls is found at this node: polls of one person may be under way at several. */
export function pollingDeviceId({ bus }: { bus: Pick<Bus, 'nodeId'> }, userId: UserId): DeviceId {
  return `poll:${userId}@${bus.nodeId}`
}
