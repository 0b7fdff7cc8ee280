import type { RoomId } from '@tally/protocol'
import { LRUCache } from 'lru-cache'
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
  /** Rooms to remember; the least recently used go first. */
  maxRooms: number
  /** Characters of all their messages together, as JSON, likewise. */
  maxChars: number
  maxMessagesPerRoom: number
  /** Monotonic milliseconds. */
  nowMs: () => number
}

type Measured = { message: StoredMessage; chars: number }

/** The messages and their characters together. */
type Entry = { from: number; upTo: number; messages: Measured[]; chars: number }

/**
 * The newest messages of rooms that are polled, so that a hundred people who are told of one message cost one query. What
 * is remembered answers only for the very change of a room that the ledger names, and never by its age: an edit, or
 * anything else this node did not hear in its order, makes it worthless by itself.
 */
export class RecentMessages {
  readonly #maxMessagesPerRoom: number
  readonly #rooms: LRUCache<RoomId, Entry>

  constructor({ maxIdleMs, maxRooms, maxChars, maxMessagesPerRoom, nowMs }: RecentMessagesOptions) {
    this.#maxMessagesPerRoom = maxMessagesPerRoom
    this.#rooms = new LRUCache({
      max: maxRooms,
      maxSize: maxChars,
      sizeCalculation: ({ chars }) => chars + 1,
      ...{ ttl: maxIdleMs, ttlResolution: 0, perf: { now: nowMs } },
      // Who asks keeps it, not what is heard.
      ...{ updateAgeOnGet: true, noUpdateTTL: true },
    })
  }

  /** What changed after `from`, lowest change first, when the room is at `upTo`; `undefined`: look it up. */
  between(roomId: RoomId, { from, upTo }: { from: number; upTo: number }): StoredMessage[] | undefined {
    const known = this.#rooms.get(roomId)
    if (known === undefined || known.upTo !== upTo || known.from > from) return undefined
    return known.messages.flatMap(({ message }) => (message.change > from ? message : []))
  }

  /** Something was looked up: from now on it is continued by what is heard. */
  keep(roomId: RoomId, { from, upTo, messages }: MessageSpan): void {
    const known = this.#rooms.get(roomId)
    if (known !== undefined && known.upTo >= upTo && known.from <= from) return
    const kept = messages.map(measured)
    const chars = kept.reduce((sum, message) => sum + message.chars, 0)
    this.#rooms.set(roomId, { from, upTo, messages: kept, chars })
  }

  /** A new message. Of rooms that nobody polls nothing is kept. */
  hear(message: StoredMessage): void {
    const { roomId, change } = message
    const known = this.#rooms.peek(roomId)
    if (known === undefined || change <= known.upTo) return
    // Something else changed in between: an edit, a member.
    if (change > known.upTo + 1) {
      this.#rooms.delete(roomId)
      return
    }
    const { messages } = known
    const heard = measured(message)
    messages.push(heard)
    const oldest = messages.length > this.#maxMessagesPerRoom ? messages.shift() : undefined
    const chars = known.chars + heard.chars - (oldest?.chars ?? 0)
    // Another entry with the same list: the cache asks for the size of what it does not hold already.
    this.#rooms.set(roomId, { from: oldest?.message.change ?? known.from, upTo: change, messages, chars })
  }
}

function measured(message: StoredMessage): Measured {
  return { message, chars: JSON.stringify(message).length }
}
