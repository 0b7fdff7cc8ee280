import { CLIENT_LIMITS, type RoomId, type UserId } from '@tally/protocol'

type TypingSign = { roomId: RoomId; userId: UserId; typing: boolean; holdsForMs?: number }

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

  /** Everybody who types in the room, by the word of a poll: it holds until the next one says otherwise. */
  replace(roomId: RoomId, userIds: readonly UserId[]): void {
    for (const userId of this.in(roomId))
      if (!userIds.includes(userId)) this.set({ roomId, userId, typing: false })
    for (const userId of userIds) this.set({ roomId, userId, typing: true, holdsForMs: LONGEST_POLL_MS })
  }

  set({ roomId, userId, typing, holdsForMs = CLIENT_LIMITS.typingTtlMs }: TypingSign): void {
    const room = this.#rooms.get(roomId) ?? new Map<UserId, ReturnType<typeof setTimeout>>()
    const was = room.has(userId)
    clearTimeout(room.get(userId))
    room.delete(userId)
    if (typing) {
      const stop = () => this.set({ roomId, userId, typing: false })
      room.set(userId, setTimeout(stop, holdsForMs))
    }
    if (was !== typing) this.#publish(roomId, room)
  }

  /** Nothing more is heard of any room. */
  clear(): void {
    for (const roomId of [...this.#rooms.keys()]) this.replace(roomId, [])
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

/** One that waits at the server, and its way there and back. */
const LONGEST_POLL_MS = CLIENT_LIMITS.syncWaitSeconds * 1_000 + 10_000
