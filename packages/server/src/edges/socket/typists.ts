import type { RoomId, UserId } from '@tally/protocol'
import type { Frame, RoomEvent } from '../../bus/frames.ts'
import { TypingBoard, type Typist } from '../../core/typing.ts'

export type TypistsOptions = {
  /** How long a node that says nothing more of a person is believed. */
  ttlMs: number
  /** Monotonic milliseconds. */
  nowMs: () => number
  tell: (event: RoomEvent) => void
}

/**
 * Who types, as all nodes say it. Devices are told when that changes, and also when a node falls silent, or its word
 * that somebody stopped gets lost.
 */
export class Typists {
  readonly #options: TypistsOptions
  readonly #board: TypingBoard

  constructor(options: TypistsOptions) {
    this.#options = options
    this.#board = new TypingBoard({ ttlMs: options.ttlMs, repeatMs: Number.POSITIVE_INFINITY })
  }

  hear({ nodeId, roomId, userId, typing }: Extract<Frame, { kind: 'typing' }>): void {
    const nowMs = this.#options.nowMs()
    const changed = this.#board.set({ roomId, userId, deviceId: nodeId, typing, nowMs })
    if (changed) this.#tell({ roomId, userId }, typing)
  }

  /** Who types in a room now: what somebody who only comes has not heard. */
  in(roomId: RoomId): UserId[] {
    return this.#board.typistsIn(roomId, this.#options.nowMs())
  }

  expire(): void {
    for (const typist of this.#board.expire(this.#options.nowMs())) this.#tell(typist, false)
  }

  #tell({ roomId, userId }: Typist, typing: boolean): void {
    const payload = { roomId, userId, typing }
    this.#options.tell({ kind: 'room-event', roomId, event: 'typing', payload, exceptUserId: userId })
  }
}
