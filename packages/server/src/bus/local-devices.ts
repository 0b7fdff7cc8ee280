import type { RoomId, UserId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'

/** A device that is connected to this node. */
export type LocalDevice = {
  readonly deviceId: DeviceId
  readonly userId: UserId
  /** A hidden device shows nothing, so nothing counts as open on it. */
  visible: boolean
  /** Rooms it joined and has not left. They count as open while the device is visible. */
  readonly rooms: Set<RoomId>
}

/**
 * What this node holds: which devices of whom, and the rooms they have open. It vanishes with the node; the ledger's
 * leases are its shadow for the other nodes.
 */
export class LocalDevices {
  readonly #devices = new Map<DeviceId, LocalDevice>()
  readonly #byUser = new Map<UserId, Set<LocalDevice>>()
  readonly #waiters = new Map<UserId, Set<() => void>>()

  connect({ deviceId, userId }: { deviceId: DeviceId; userId: UserId }): LocalDevice {
    const known = this.#devices.get(deviceId)
    if (known !== undefined) return known
    const device: LocalDevice = { deviceId, userId, visible: true, rooms: new Set() }
    this.#devices.set(deviceId, device)
    const devices = this.#byUser.get(userId)
    if (devices === undefined) this.#byUser.set(userId, new Set([device]))
    else devices.add(device)
    return device
  }

  disconnect(deviceId: DeviceId): LocalDevice | undefined {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return undefined
    this.#devices.delete(deviceId)
    const devices = this.#byUser.get(device.userId)
    devices?.delete(device)
    if (devices?.size === 0) this.#byUser.delete(device.userId)
    return device
  }

  get(deviceId: DeviceId): LocalDevice | undefined {
    return this.#devices.get(deviceId)
  }

  of(userId: UserId): ReadonlySet<LocalDevice> {
    return this.#byUser.get(userId) ?? NONE
  }

  users(): IterableIterator<UserId> {
    return this.#byUser.keys()
  }

  has(userId: UserId): boolean {
    return this.#byUser.has(userId)
  }

  get size(): number {
    return this.#devices.size
  }

  /** Resolves when something of this person moved, or when the signal says that nobody waits any more. */
  waitForChange(userId: UserId, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (signal.aborted) return Promise.resolve()
    const waiters = this.#waiters.get(userId) ?? new Set()
    this.#waiters.set(userId, waiters)
    waiters.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(() => {
      waiters.delete(resolve)
      if (waiters.size === 0 && this.#waiters.get(userId) === waiters) this.#waiters.delete(userId)
    })
  }

  /** Nobody shall wait any longer: the node is about to stop. */
  wakeAll(): void {
    for (const userId of [...this.#waiters.keys()]) this.wake(userId)
  }

  /** Wakes everyone who waits for this person's changes. */
  wake(userId: UserId): void {
    for (const resolve of this.#waiters.get(userId) ?? []) resolve()
  }
}

const NONE: ReadonlySet<LocalDevice> = new Set()
