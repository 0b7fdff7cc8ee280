import {
  CLIENT_LIMITS,
  type Cursor,
  type LiveSigns,
  type Rev,
  type RoomId,
  type SyncAnswer,
} from '@tally/protocol'
import type { BadgeStore } from './badge-store.ts'
import type { NotificationStore } from './notification-store.ts'
import type { PresenceStore } from './presence-store.ts'
import type { News, RealtimeProvider } from './provider.ts'
import { reportBug } from './report-bug.ts'
import { afterPause } from './retry-later.ts'
import { type RevClock, wasRebuilt } from './rev-clock.ts'
import type { RoomChannel } from './room-channel.ts'
import type { RoomStore } from './room-store.ts'
import type { SendQueue } from './send-queue.ts'
import type { TypingStore } from './typing-store.ts'

/** More than this missed in one room is not worth fetching piece by piece: its end is loaded anew. */
const MAX_ROUNDS = 10

export type CatchUpOptions = {
  clock: RevClock
  badge: BadgeStore
  rooms: RoomStore
  notifications: NotificationStore
  typing: TypingStore
  presence: PresenceStore
  queue: SendQueue
  /** The room's channel, if anybody ever opened it. */
  channel: (roomId: RoomId) => RoomChannel | undefined
}

/** Fetches what was missed, by the server's `sync`, and applies it. */
export class CatchUp {
  readonly #options: CatchUpOptions
  /**
   * The rev of the last complete answer. Frames do not raise it: one of them may have been lost, and what a sync tells
   * twice does no harm.
   */
  #since: Rev | undefined
  /** Where the rooms that were not loaded begin. */
  #next: Cursor | null = null

  constructor(options: CatchUpOptions) {
    this.#options = options
  }

  /** Whether rows may be out of date although the badge is right: what they were told by was rebuilt since. */
  get isOutdated(): boolean {
    return this.#since !== undefined && wasRebuilt(this.#since, this.#options.clock.highest)
  }

  /** After a connection was made: badge, rooms, and the messages of these rooms. */
  run(provider: RealtimeProvider, channels: readonly RoomChannel[]): Promise<void> {
    return this.repair(provider, { channels, rows: 'changed' })
  }

  /** While live: the messages of these rooms, and rows: those that changed since the last complete answer, or all. */
  async repair(
    provider: RealtimeProvider,
    { channels, rows }: { channels: readonly RoomChannel[]; rows: 'none' | 'changed' | 'all' },
  ): Promise<void> {
    const loaded = channels.filter(({ log }) => log.isLoaded)
    if (loaded.length === 0 && rows === 'none') return
    const named = namedRooms(loaded)
    const { generation, highest } = this.#options.clock
    const since = { none: highest, changed: this.#since, all: undefined }[rows]
    const answer = await this.#ask(provider, { rooms: named, since })
    if (rows !== 'none') {
      if (answer.full) await this.#replaceRooms(provider, answer, generation)
      this.#since = answer.rev
    }
    await this.#messages(provider, { channels: loaded, named, answer })
  }

  /**
   * What a poll brought: all that moved since the one before. `isCurrent`: what was missed before the first poll is
   * here, so that news continue it; until then a catch-up that fails must begin where the last complete answer ended.
   * @returns false when it cannot be gone on from and everything has to be asked for.
   */
  applyNews(
    { answer, asked }: News,
    { channels, isCurrent }: { channels: readonly RoomChannel[]; isCurrent: boolean },
  ): boolean {
    if (answer.live !== undefined) this.#applyLive(answer.live, asked)
    if (answer.full) {
      // Nothing that comes after it may pass for what it lacks.
      this.#since = undefined
      return false
    }
    this.#apply(answer)
    for (const room of answer.rooms) {
      if (!('me' in room)) continue
      channels.find(({ roomId }) => roomId === room.id)?.reading.wasMarkedUnread(room.me.readEpoch)
    }
    if (isCurrent && this.#since !== undefined) this.#since = answer.rev
    this.#applyMessages(channels, asked, answer)
    this.#tellChanges(answer, asked)
    return true
  }

  /** What is true for a moment: told whole, each time. */
  #applyLive(
    { typing, reads, deliveries = [], presence, feed = {} }: LiveSigns,
    asked: readonly Named[],
  ): void {
    const options = this.#options
    for (const { roomId } of asked) options.typing.replace(roomId, typing[roomId] ?? [])
    for (const receipt of [...reads, ...deliveries]) options.rooms.applyReceipt(receipt)
    for (const state of presence) options.presence.apply(state)
    options.notifications.agreeOn(feed)
  }

  /** The next page of rooms. */
  async loadMoreRooms(provider: RealtimeProvider): Promise<void> {
    const { rooms } = this.#options
    const next = this.#next
    if (!next || rooms.list.get().loading) return
    rooms.setPaging({ loading: true, hasMore: true })
    try {
      const answer = await this.#ask(provider, { next }).catch(afterPause)
      this.#next = answer.next
    } finally {
      rooms.setPaging({ loading: false, hasMore: this.#next !== null })
    }
  }

  /** As many rooms as were there before, all of them of now; those that the server does not name any more go. */
  async #replaceRooms(provider: RealtimeProvider, first: SyncAnswer, generation: number): Promise<void> {
    const { rooms, clock, channel } = this.#options
    const begun = clock.stamp(first.rev, generation)
    const hadRooms = rooms.size
    let { next } = first
    let named = presentIn(first)
    while (next && named < hadRooms) {
      const page = await this.#ask(provider, { next })
      named += presentIn(page)
      next = page.next
    }
    for (const roomId of rooms.olderThan(begun)) {
      // What somebody looks at does not vanish for a moment, only because it is further down in the list.
      if (channel(roomId)?.isWatched) channel(roomId)?.reload().catch(reportBug)
      else rooms.forget(roomId)
    }
    this.#next = next
    rooms.setPaging({ loading: false, hasMore: next !== null })
  }

  async #messages(
    provider: RealtimeProvider,
    first: { channels: readonly RoomChannel[]; named: Named[]; answer: SyncAnswer },
  ): Promise<void> {
    let answer = first.answer
    let named = first.named
    let channels = first.channels
    for (let round = 0; ; round++) {
      this.#applyMessages(channels, named, answer)
      const asked = new Set(named.map(({ roomId }) => roomId))
      channels = channels.filter(({ roomId }) => !asked.has(roomId) || hasMore(roomId, answer))
      if (channels.length === 0) return
      if (round >= MAX_ROUNDS) break
      named = namedRooms(channels)
      answer = await this.#ask(provider, { rooms: named, since: answer.rev })
    }
    for (const channel of channels) {
      channel.log.clear()
      if (channel.isWatched) channel.bringUp().catch(reportBug)
    }
  }

  async #ask(provider: RealtimeProvider, { rooms, since, next }: Question): Promise<SyncAnswer> {
    const { generation } = this.#options.clock
    const answer = await provider.send('sync', { rooms, since, next })
    this.#apply(answer, generation)
    this.#tellChanges(answer, rooms)
    return answer
  }

  /**
   * Of a room that was not asked for by its messages they may be missing, and nothing else says so: of an open one no row
   * is sent, and one that is looked at but not joined (it was marked unread) is not asked for when polling. (Of those that
   * were, the answer has them, or less than the room by what is on its way.)
   */
  #tellChanges(answer: SyncAnswer, asked: readonly Named[] = []): void {
    const named = new Set(asked.map(({ roomId }) => roomId))
    for (const room of answer.rooms) {
      if ('me' in room && !named.has(room.id)) this.#options.channel(room.id)?.told(room.change)
    }
  }

  #apply(answer: SyncAnswer, generation = this.#options.clock.generation): void {
    const { clock, badge, rooms, notifications } = this.#options
    badge.apply(answer.badge, generation)
    notifications.agreeWith(answer.badge.notifications)
    // The rooms' numbers are of the badge's moment; `answer.rev` is of the first page's.
    const stamp = clock.stamp(answer.badge.rev, generation)
    rooms.applyRooms(answer.rooms, stamp)
  }

  #applyMessages(channels: readonly RoomChannel[], named: readonly Named[], answer: SyncAnswer): void {
    const { rooms, queue } = this.#options
    for (const { roomId, change: since } of named) {
      const messages = answer.messages[roomId] ?? []
      const channel = channels.find((candidate) => candidate.roomId === roomId)
      const change = answer.changes[roomId] ?? since
      channel?.log.applySync({ messages, since, change })
      for (const message of messages) {
        rooms.applyMessage(message)
        queue.arrived(message)
      }
      channel?.changed()
      // Not every change was a message's: of an open room no row is sent that would tell title and members.
      const factsChange = rooms.row(roomId)?.factsChange ?? change
      if (factsChange < change && messages.length < change - since) channel?.outdated()
    }
  }
}

type Question = { rooms?: Named[]; since?: number | undefined; next?: Cursor }

type Named = { roomId: RoomId; change: number }

function namedRooms(channels: readonly RoomChannel[]): Named[] {
  return channels
    .slice(0, CLIENT_LIMITS.syncNamedRooms)
    .map(({ roomId, log }) => ({ roomId, change: log.knownChange ?? 0 }))
}

/** How many rooms it names that the person is in. */
function presentIn({ rooms }: SyncAnswer): number {
  return rooms.filter((room) => 'me' in room).length
}

/** Whether the answer ends before the room's present change. */
function hasMore(roomId: RoomId, answer: SyncAnswer): boolean {
  if ((answer.messages[roomId] ?? []).length === 0) return false
  const room = answer.rooms.find(({ id }) => id === roomId)
  const reached = answer.changes[roomId] ?? 0
  return room === undefined || !('change' in room) || room.change > reached
}
