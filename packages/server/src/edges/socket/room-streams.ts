import type { RoomId } from '@tally/protocol'
import type { RoomEvent } from '../../bus/frames.ts'
import type { StoredMessage } from '../../core/committed.ts'
import { RoomStream, type RoomStreamOptions } from './room-stream.ts'
import type { Listener, Start, Subscription } from './subscription.ts'

/** The rooms that devices of this node have joined. Everything about other rooms passes by unseen. */
export class RoomStreams {
  readonly #options: RoomStreamOptions
  readonly #streams = new Map<RoomId, RoomStream>()

  constructor(options: RoomStreamOptions) {
    this.#options = options
  }

  /** Begins to hold back what happens in the room; `start` lets it out. */
  subscribe(roomId: RoomId, listener: Listener): Subscription {
    const stream = this.#streams.get(roomId) ?? new RoomStream(roomId, this.#options)
    this.#streams.set(roomId, stream)
    return stream.subscribe(listener, () => {
      if (stream.isEmpty) this.#streams.delete(roomId)
    })
  }

  /** Does nothing for a subscription that ended meanwhile. */
  start(roomId: RoomId, subscription: Subscription, start: Start): void {
    if (subscription.hasEnded) return
    this.#streams.get(roomId)?.start(subscription, start)
  }

  message(message: StoredMessage): void {
    this.#streams.get(message.roomId)?.message(message)
  }

  event(event: RoomEvent): void {
    this.#streams.get(event.roomId)?.event(event)
  }

  /** What the room's last change is: a room that has not heard of it looks up what it missed. */
  head({ roomId, change }: { roomId: RoomId; change: number }): void {
    this.#streams.get(roomId)?.head(change)
  }
}
