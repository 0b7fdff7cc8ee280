import type { RoomId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'

/** Everything that changed in a room after `from`, up to `upTo`. */
export type MessageSpan = {
  readonly from: number
  readonly upTo: number
  readonly messages: readonly StoredMessage[]
}

export type RecentMessagesOptions = {
  /** How long nobody may ask for a room until it is forgotten. */
  maxIdleMs: number
  maxRooms: number
  maxMessagesPerRoom: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Entry = { from: number; upTo: number; messages: StoredMessage[]; usedAtMs: number }

/**
 * The newest messages of rooms that are polled, so that a hundred people who are told of one message cost one query. What
 * is remembered answers only for the very change of a room that the ledger names, and never by its age: an edit, or
 * anything else this node did not hear in its order, makes it worthless by itself.
 */
export class RecentMessages {
  readonly #options: RecentMessagesOptions
  /** In order of use, the least recent first. */
  readonly #rooms = new Map<RoomId, Entry>()

  constructor(options: RecentMessagesOptions) {
    this.#options = options
  }

  /** What changed after `from`, lowest change first, when the room is at `upTo`; `undefined`: look it up. */
  between(roomId: RoomId, { from, upTo }: { from: number; upTo: number }): StoredMessage[] | undefined {
    const known = this.#use(roomId)
    if (known === undefined || known.upTo !== upTo || known.from > from) return undefined
    return known.messages.filter(({ change }) => change > from)
  }

  /** Something was looked up: from now on it is continued by what is heard. */
  keep(roomId: RoomId, { from, upTo, messages }: MessageSpan): void {
    const known = this.#use(roomId)
    if (known !== undefined && known.upTo >= upTo && known.from <= from) return
    this.#put(roomId, { from, upTo, messages: [...messages], usedAtMs: this.#options.nowMs() })
  }

  /** A new message. Of rooms that nobody polls nothing is kept. */
  hear(message: StoredMessage): void {
    const { roomId, change } = message
    const known = this.#rooms.get(roomId)
    if (known === undefined || change <= known.upTo) return
    // Something else changed in between: an edit, a member.
    if (change > known.upTo + 1) {
      this.#rooms.delete(roomId)
      return
    }
    known.upTo = change
    known.messages.push(message)
    if (known.messages.length <= this.#options.maxMessagesPerRoom) return
    const oldest = known.messages.shift()
    if (oldest !== undefined) known.from = oldest.change
  }

  #use(roomId: RoomId): Entry | undefined {
    const known = this.#rooms.get(roomId)
    if (known === undefined) return undefined
    const nowMs = this.#options.nowMs()
    this.#rooms.delete(roomId)
    if (nowMs - known.usedAtMs > this.#options.maxIdleMs) return undefined
    known.usedAtMs = nowMs
    this.#rooms.set(roomId, known)
    return known
  }

  #put(roomId: RoomId, entry: Entry): void {
    this.#rooms.delete(roomId)
    this.#rooms.set(roomId, entry)
    const oldestAtMs = entry.usedAtMs - this.#options.maxIdleMs
    for (const [oldest, { usedAtMs }] of this.#rooms) {
      if (this.#rooms.size <= this.#options.maxRooms && usedAtMs >= oldestAtMs) break
      this.#rooms.delete(oldest)
    }
  }
}
