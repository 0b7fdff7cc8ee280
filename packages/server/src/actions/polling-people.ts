import type { FeedNews, Presence, RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'

export type PollingPeopleOptions = {
  /** This person is here from now on. */
  connect: (userId: UserId) => Promise<void>
  /** And is not any more. */
  disconnect: (userId: UserId) => Promise<void>
  /** Polls of this person that wait look again. */
  wake: (userId: UserId) => void
  /** How long after the last poll somebody still counts as here. */
  lingerMs: number
}

type PollingPerson = {
  readonly connected: Promise<void>
  /** What was told of others since this person came. */
  readonly presence: Map<UserId, Presence>
  feed?: FeedNews
  readonly timer: NodeJS.Timeout
}

/**
 * People whose devices ask this node again and again instead of holding a connection. To the others they are here, as if
 * they were connected, until they have not asked for a while; what a connection would be told is kept for the next poll.
 */
export class PollingPeople {
  readonly #options: PollingPeopleOptions
  readonly #people = new Map<UserId, PollingPerson>()
  /** Whose polls wait for what happens in a room, and how many of each. */
  readonly #waiting = new Map<RoomId, Map<UserId, number>>()

  constructor(options: PollingPeopleOptions) {
    this.#options = options
  }

  /** A poll of this person came, or goes on. */
  seen(userId: UserId): Promise<void> {
    const known = this.#people.get(userId)
    if (known !== undefined) {
      known.timer.refresh()
      return known.connected
    }
    const timer = setTimeout(() => void this.#gone(userId), this.#options.lingerMs)
    const connected = this.#options.connect(userId).catch((error: unknown) => {
      // The next poll tries again.
      clearTimeout(timer)
      if (this.#people.get(userId)?.timer === timer) this.#people.delete(userId)
      throw error
    })
    this.#people.set(userId, { connected, presence: new Map(), timer })
    return connected
  }

  /** Of whom this person was told, by id. */
  presenceFor(userId: UserId): Presence[] {
    const told = this.#people.get(userId)?.presence.values() ?? []
    return Array.from(told).sort((a, b) => (a.userId < b.userId ? -1 : 1))
  }

  /** What was told of this person's feed since then, each register as far as it rose; `undefined`: nothing. */
  feedOf(userId: UserId): FeedNews | undefined {
    return this.#people.get(userId)?.feed
  }

  hear(frame: Frame): void {
    if (frame.kind !== 'user-event') return
    const person = this.#people.get(frame.userId)
    if (person === undefined) return
    if (frame.event === 'presence') {
      const presence = frame.payload as Presence
      person.presence.set(presence.userId, presence)
    } else if (frame.event === 'feed-state') {
      person.feed = furthest(person.feed ?? {}, frame.payload as FeedNews)
    } else {
      return
    }
    this.#options.wake(frame.userId)
  }

  /** A poll of this person waits for what happens in these rooms. @returns what ends that. */
  waitIn(roomIds: readonly RoomId[], userId: UserId): () => void {
    for (const roomId of roomIds) this.#count(roomId, userId, 1)
    return () => {
      for (const roomId of roomIds) this.#count(roomId, userId, -1)
    }
  }

  /** Something happened in a room that the ledger does not know. */
  wakeIn(roomId: RoomId): void {
    for (const userId of [...(this.#waiting.get(roomId)?.keys() ?? [])]) this.#options.wake(userId)
  }

  /** The node goes: nobody is here any more, and the next poll finds another one. */
  async close(): Promise<void> {
    await Promise.all([...this.#people.keys()].map((userId) => this.#gone(userId)))
  }

  async #gone(userId: UserId): Promise<void> {
    clearTimeout(this.#people.get(userId)?.timer)
    this.#people.delete(userId)
    await this.#options.disconnect(userId)
  }

  #count(roomId: RoomId, userId: UserId, by: 1 | -1): void {
    const room = this.#waiting.get(roomId) ?? new Map<UserId, number>()
    const count = (room.get(userId) ?? 0) + by
    if (count > 0) room.set(userId, count)
    else room.delete(userId)
    if (room.size > 0) this.#waiting.set(roomId, room)
    else this.#waiting.delete(roomId)
  }
}

/** The registers of both, each as far as it rose. */
function furthest(one: FeedNews, other: FeedNews): FeedNews {
  const names = ['seenSeq', 'change', 'preferencesRev'] as const
  return Object.fromEntries(
    names
      .map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)] as const)
      .filter(([, value]) => value > 0),
  )
}
