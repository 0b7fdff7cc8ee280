import type { UserId } from '@tally/protocol'
import type { SignedInDevice } from './signed-in-device.ts'

/** Who is connected to this node, and with which devices. */
export class People {
  readonly #devices = new Map<UserId, Set<SignedInDevice>>()

  add(device: SignedInDevice): void {
    const { userId } = device.person
    const devices = this.#devices.get(userId)
    if (devices === undefined) this.#devices.set(userId, new Set([device]))
    else devices.add(device)
  }

  remove(device: SignedInDevice): void {
    const { userId } = device.person
    const devices = this.#devices.get(userId)
    devices?.delete(device)
    if (devices?.size === 0) this.#devices.delete(userId)
  }

  of(userId: UserId): ReadonlySet<SignedInDevice> {
    return this.#devices.get(userId) ?? NONE
  }
}

const NONE: ReadonlySet<SignedInDevice> = new Set()
