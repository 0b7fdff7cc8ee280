import type { DeliveryReceipt, LiveSigns, ReadReceipt, RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import { FurthestPlaces } from '../core/furthest-places.ts'
import { TypingBoard } from '../core/typing.ts'

export type LiveSignalsOptions = {
  /** How long a node that says nothing more of a person's typing is believed. */
  typingTtlMs: number
  /** Rooms of which is remembered how far people read, and have; those in which nothing moved for longest go first. */
  maxRooms: number
  /** People to remember of one room, likewise. */
  maxPeoplePerRoom: number
  /** Monotonic milliseconds. */
  nowMs: () => number
  /** What lives in this room changed, for whoever waits for that. */
  onChange: (roomId: RoomId) => void
}

/**
 * What this node heard from all nodes that no poll could find in the ledger: who types, and how far people read,
 * and their devices came, lately. It vanishes with the node. Whoever opens a room reads from the database how far people
 * are; what is heard here comes on top of that, and absolute: the furthest stays.
 */
export class LiveSignals {
  readonly #options: LiveSignalsOptions
  readonly #typing: TypingBoard
  readonly #reads: FurthestPlaces
  readonly #deliveries: FurthestPlaces

  constructor(options: LiveSignalsOptions) {
    this.#options = options
    this.#typing = new TypingBoard({ ttlMs: options.typingTtlMs, repeatMs: Number.POSITIVE_INFINITY })
    this.#reads = new FurthestPlaces(options)
    this.#deliveries = new FurthestPlaces(options)
  }

  hear(frame: Frame): void {
    if (frame.kind === 'typing') this.#hearTyping(frame)
    else if (frame.kind !== 'room-event') return
    else if (frame.event === 'read-receipt') this.#hearRead(frame.payload as ReadReceipt)
    else if (frame.event === 'delivery-receipt') this.#hearDelivery(frame.payload as DeliveryReceipt)
  }

  /** Nodes that fell silent are not believed any more. */
  expire(): void {
    const stopped = this.#typing.expire(this.#options.nowMs())
    for (const { roomId } of stopped) this.#options.onChange(roomId)
  }

  /** Of these rooms, for one of the people in them. */
  of(roomIds: readonly RoomId[], viewerId: UserId): Pick<LiveSigns, 'typing' | 'reads' | 'deliveries'> {
    const nowMs = this.#options.nowMs()
    const typing: Record<string, UserId[]> = {}
    for (const roomId of roomIds) {
      const others = this.#typing.typistsIn(roomId, nowMs).filter((userId) => userId !== viewerId)
      if (others.length > 0) typing[roomId] = others.sort()
    }
    return {
      typing,
      reads: roomIds.flatMap((roomId) =>
        this.#reads.in(roomId).map(({ userId, seq }) => ({ roomId, userId, readSeq: seq })),
      ),
      deliveries: roomIds.flatMap((roomId) =>
        this.#deliveries
          .in(roomId)
          .filter(({ userId }) => userId !== viewerId)
          .map(({ userId, seq }) => ({ roomId, userId, deliveredSeq: seq })),
      ),
    }
  }

  /** Up to where a device of this person has the room's messages, as far as this node heard; 0: it never did. */
  deliveredSeq(roomId: RoomId, userId: UserId): number {
    return this.#deliveries.of(roomId, userId)
  }

  #hearTyping({ nodeId, roomId, userId, typing }: Extract<Frame, { kind: 'typing' }>): void {
    const nowMs = this.#options.nowMs()
    if (this.#typing.set({ roomId, userId, deviceId: nodeId, typing, nowMs })) this.#options.onChange(roomId)
  }

  #hearRead({ roomId, userId, readSeq: seq }: ReadReceipt): void {
    if (this.#reads.raise({ roomId, userId, seq })) this.#options.onChange(roomId)
  }

  #hearDelivery({ roomId, userId, deliveredSeq: seq }: DeliveryReceipt): void {
    if (this.#deliveries.raise({ roomId, userId, seq })) this.#options.onChange(roomId)
  }
}
