import type { LiveSigns, ReadReceipt, RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import { TypingBoard } from '../core/typing.ts'

export type LiveSignalsOptions = {
  /** How long a node that says nothing more of a person's typing is believed. */
  typingTtlMs: number
  /** Rooms whose readers are remembered; those in which nobody read for longest go first. */
  maxRooms: number
  /** Readers to remember of one room, likewise. */
  maxReadersPerRoom: number
  /** Monotonic milliseconds. */
  nowMs: () => number
  /** What lives in this room changed, for whoever waits for that. */
  onChange: (roomId: RoomId) => void
}

/**
 * What this node heard from all nodes that no poll could find in the ledger: who types, and how far people read lately.
 * It vanishes with the node. Whoever opens a room reads from the database how far people are; what is heard here comes
 * on top of that, and absolute: the furthest stays.
 */
export class LiveSignals {
  readonly #options: LiveSignalsOptions
  readonly #typing: TypingBoard
  /** In order of use, the least recent first; likewise each room's readers. */
  readonly #reads = new Map<RoomId, Map<UserId, ReadReceipt>>()

  constructor(options: LiveSignalsOptions) {
    this.#options = options
    this.#typing = new TypingBoard({ ttlMs: options.typingTtlMs, repeatMs: Number.POSITIVE_INFINITY })
  }

  hear(frame: Frame): void {
    if (frame.kind === 'typing') this.#hearTyping(frame)
    else if (frame.kind === 'room-event' && frame.event === 'read-receipt')
      this.#hearRead(frame.payload as ReadReceipt)
  }

  /** Nodes that fell silent are not believed any more. */
  expire(): void {
    const stopped = this.#typing.expire(this.#options.nowMs())
    for (const { roomId } of stopped) this.#options.onChange(roomId)
  }

  /** Of these rooms, for one of the people in them. */
  of(roomIds: readonly RoomId[], viewerId: UserId): Pick<LiveSigns, 'typing' | 'reads'> {
    const nowMs = this.#options.nowMs()
    const typing: Record<string, UserId[]> = {}
    for (const roomId of roomIds) {
      const others = this.#typing.typistsIn(roomId, nowMs).filter((userId) => userId !== viewerId)
      if (others.length > 0) typing[roomId] = others.sort()
    }
    return { typing, reads: roomIds.flatMap((roomId) => this.#readsIn(roomId)) }
  }

  #hearTyping({ nodeId, roomId, userId, typing }: Extract<Frame, { kind: 'typing' }>): void {
    const nowMs = this.#options.nowMs()
    if (this.#typing.set({ roomId, userId, deviceId: nodeId, typing, nowMs })) this.#options.onChange(roomId)
  }

  #hearRead(receipt: ReadReceipt): void {
    const { maxRooms, maxReadersPerRoom, onChange } = this.#options
    const { roomId, userId, readSeq } = receipt
    const readers = this.#reads.get(roomId) ?? new Map<UserId, ReadReceipt>()
    if ((readers.get(userId)?.readSeq ?? 0) >= readSeq) return
    put(readers, { key: userId, value: receipt, max: maxReadersPerRoom })
    put(this.#reads, { key: roomId, value: readers, max: maxRooms })
    onChange(roomId)
  }

  #readsIn(roomId: RoomId): ReadReceipt[] {
    const readers = this.#reads.get(roomId)?.values() ?? []
    return Array.from(readers).sort((a, b) => (a.userId < b.userId ? -1 : 1))
  }
}

/** Puts an entry last and lets go of the first one when there are too many. */
function put<K, V>(map: Map<K, V>, { key, value, max }: { key: K; value: V; max: number }): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return
  for (const first of map.keys()) {
    map.delete(first)
    return
  }
}
