import type { UserId } from '@tally/protocol'
import type { SignedInDevice } from './signed-in-device.ts'

/** Who is connected to this node, and with which devices. */
export class People {
  /** Seldom more than one of a person: a list takes a quarter of the memory of a set. */
  readonly #devices = new Map<UserId, readonly SignedInDevice[]>()

  add(device: SignedInDevice): void {
    const { userId } = device.person
    this.#devices.set(userId, [...this.of(userId), device])
  }

  remove(device: SignedInDevice): void {
    const { userId } = device.person
    const others = this.of(userId).filter((other) => other !== device)
    if (others.length > 0) this.#devices.set(userId, others)
    else this.#devices.delete(userId)
  }

  /** As they are at this moment: who comes or goes later changes nothing of the list. */
  of(userId: UserId): readonly SignedInDevice[] {
    return this.#devices.get(userId) ?? NONE
  }
}

const NONE: readonly SignedInDevice[] = []
