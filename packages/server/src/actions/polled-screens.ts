import type { RoomId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'

/** Which rooms polling devices showed when they last asked this node. Bounded, and it vanishes with the node. */
export class PolledScreens {
  readonly #maxDevices: number
  /** Oldest use first. */
  readonly #rooms = new Map<DeviceId, readonly RoomId[]>()

  constructor({ maxDevices }: { maxDevices: number }) {
    this.#maxDevices = maxDevices
  }

  /** The device shows these rooms now. @returns which ones came and went. */
  show(deviceId: DeviceId, roomIds: readonly RoomId[]): { opened: RoomId[]; closed: RoomId[] } {
    const before = this.#rooms.get(deviceId) ?? []
    this.#rooms.delete(deviceId)
    if (roomIds.length > 0) this.#rooms.set(deviceId, roomIds)
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= this.#maxDevices) break
      this.#rooms.delete(oldest)
    }
    return {
      opened: roomIds.filter((roomId) => !before.includes(roomId)),
      closed: before.filter((roomId) => !roomIds.includes(roomId)),
    }
  }
}
