import { LIMITS, type RoomId, type UserId } from '@tally/protocol'

/** Who types where. A signal that was not repeated in time is over, even if nobody said so. */
export class TypingStore {
  readonly #onChange: (roomId: RoomId) => void
  readonly #rooms = new Map<RoomId, Map<UserId, ReturnType<typeof setTimeout>>>()
  readonly #lists = new Map<RoomId, readonly UserId[]>()

  constructor(onChange: (roomId: RoomId) => void) {
    this.#onChange = onChange
  }

  /** The same list until it changes. */
  in(roomId: RoomId): readonly UserId[] {
    return this.#lists.get(roomId) ?? NOBODY
  }

  set({ roomId, userId, typing }: { roomId: RoomId; userId: UserId; typing: boolean }): void {
    const room = this.#rooms.get(roomId) ?? new Map<UserId, ReturnType<typeof setTimeout>>()
    const was = room.has(userId)
    clearTimeout(room.get(userId))
    room.delete(userId)
    if (typing) {
      const stop = () => this.set({ roomId, userId, typing: false })
      room.set(userId, setTimeout(stop, LIMITS.typingTtlMs))
    }
    if (was !== typing) this.#publish(roomId, room)
  }

  /** Nothing more is heard of the room. */
  clear(roomId: RoomId): void {
    const room = this.#rooms.get(roomId)
    if (room === undefined) return
    for (const timer of room.values()) clearTimeout(timer)
    this.#publish(roomId, new Map())
  }

  clearAll(): void {
    for (const roomId of [...this.#rooms.keys()]) this.clear(roomId)
  }

  #publish(roomId: RoomId, room: Map<UserId, ReturnType<typeof setTimeout>>): void {
    if (room.size === 0) {
      this.#rooms.delete(roomId)
      this.#lists.delete(roomId)
    } else {
      this.#rooms.set(roomId, room)
      this.#lists.set(roomId, [...room.keys()])
    }
    this.#onChange(roomId)
  }
}

const NOBODY: readonly UserId[] = []
