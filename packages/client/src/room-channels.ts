import type { RoomId } from '@tally/protocol'
import { knownOrNew } from './known-or-new.ts'
import { RoomChannel, type RoomChannelContext } from './room-channel.ts'

/** Rooms that nobody looks at and whose messages are kept, for when they are opened again. */
const KEPT_ROOMS = 20

/** The rooms that somebody asked for. */
export class RoomChannels {
  readonly #channels = new Map<RoomId, RoomChannel>()
  readonly #context: Omit<RoomChannelContext, 'onClosed'>
  /** The one that was closed last comes last. */
  readonly #closed = new Set<RoomChannel>()

  constructor(context: Omit<RoomChannelContext, 'onClosed'>) {
    this.#context = context
  }

  find(roomId: RoomId): RoomChannel | undefined {
    return this.#channels.get(roomId)
  }

  get(roomId: RoomId): RoomChannel {
    return knownOrNew(
      this.#channels,
      roomId,
      () => new RoomChannel(roomId, { ...this.#context, onClosed: (closed) => this.#keep(closed) }),
    )
  }

  all(): RoomChannel[] {
    return [...this.#channels.values()]
  }

  /** Those that somebody looks at. */
  watched(): RoomChannel[] {
    return this.all().filter(({ isWatched }) => isWatched)
  }

  #keep(channel: RoomChannel): void {
    this.#closed.delete(channel)
    this.#closed.add(channel)
    for (const oldest of this.#closed) {
      if (this.#closed.size <= KEPT_ROOMS) return
      this.#closed.delete(oldest)
      if (!oldest.isWatched) oldest.log.clear()
    }
  }
}
