import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'

export type RoomAudienceOptions = {
  /** Who of a room has it open now; `undefined` when this node does not know who is in it. */
  read: (roomId: RoomId) => Promise<readonly UserId[] | undefined>
  /** How long an answer is good where nobody says that it changed: leases lapse in silence. */
  maxAgeMs: number
  /** Rooms to remember; those asked for longest ago go first. */
  maxRooms: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Entry = { readonly userIds: Promise<readonly UserId[] | undefined>; readonly readAtMs: number }

/** Who has which room open, on any node: remembered, so that a poll does not ask after each of them. */
export class RoomAudience {
  readonly #options: RoomAudienceOptions
  /** Oldest look-up first. */
  readonly #rooms = new Map<RoomId, Entry>()

  constructor(options: RoomAudienceOptions) {
    this.#options = options
  }

  async of(roomId: RoomId): Promise<readonly UserId[]> {
    const { read, nowMs, maxAgeMs, maxRooms } = this.#options
    const known = this.#rooms.get(roomId)
    if (known !== undefined && nowMs() - known.readAtMs < maxAgeMs) return (await known.userIds) ?? []
    this.#rooms.delete(roomId)
    const entry = { userIds: read(roomId), readAtMs: nowMs() }
    this.#rooms.set(roomId, entry)
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= maxRooms) break
      this.#rooms.delete(oldest)
    }
    const forget = (): void => {
      if (this.#rooms.get(roomId) === entry) this.#rooms.delete(roomId)
    }
    entry.userIds.then((userIds) => userIds === undefined && forget(), forget)
    return (await entry.userIds) ?? []
  }

  /** Somebody opened a room, closed it, or is in it no more. */
  hear(frame: Frame): void {
    const isVisit =
      frame.kind === 'room-event' && (frame.event === 'user-joined' || frame.event === 'user-left')
    if (isVisit || frame.kind === 'membership-ended' || frame.kind === 'open-ended')
      this.#rooms.delete(frame.roomId)
  }
}
