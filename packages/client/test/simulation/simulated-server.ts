import type {
  Badge,
  Change,
  ChatRoomUpdated,
  Cursor,
  Message,
  MessagePage,
  Rev,
  Room,
  RoomId,
  RoomTombstone,
  Seq,
  ServerEventName,
  ServerEventPayload,
  SyncAnswer,
  UserId,
  WireMessage,
} from '@tally/protocol'
import { type SimulatedRoom, SimulatedRooms } from './simulated-rooms.ts'

/** Small, so that few rooms and messages exercise every further page. */
const ROOMS_PER_PAGE = 2
const MESSAGES_PER_SYNC = 3

/** A device's connection, as the server sees it. */
export interface SimulatedDevice {
  /** Absent until it is authenticated. */
  readonly userId: UserId | undefined
  /** Rooms joined, each with the last seq that was emitted. */
  readonly joined: ReadonlyMap<RoomId, number>
  /** Whether the room counts as open here. */
  shows(roomId: RoomId): boolean
  /** A row of the list; kept back while this device shows the room. */
  offerRow(roomId: RoomId): void
  emitBadge(): void
  emit<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): void
  /** Marked unread on whichever device: the room no longer counts as open here. */
  endOpen(roomId: RoomId): void
  /** No longer a member. */
  putOut(roomId: RoomId): void
  /** The network breaks. */
  cut(): void
}

/** A device that polls: what it shows, until it has not asked for a while. */
type PolledScreen = { userId: UserId; open: ReadonlySet<RoomId>; lapses: ReturnType<typeof setTimeout> }

/** How long a lease is believed that is not put again. */
const LEASE_MS = 24_000

type Shown = { unread: number; change: number; muted: boolean; left: boolean }
type Person = { n: number; shown: Map<RoomId, Shown>; changedAt: Map<RoomId, number> }

/**
 * A server in a few lines: rooms as a database would hold them, each person's badge as registers with a rev, and frames
 * to connections. What people see is recounted after every write, so that it cannot drift.
 */
export class SimulatedServer {
  readonly data = new SimulatedRooms()
  readonly connections = new Set<SimulatedDevice>()
  /** Sends are refused for now. */
  isBusy = false
  readonly #people = new Map<UserId, Person>()
  readonly #screens = new Map<string, PolledScreen>()
  #warm = 1_000
  #lowestWarm = this.#warm
  #highestWarm = this.#warm

  /** The fast copy is gone and built anew, under a warm that was never used: nobody can go on from a rev of before. */
  rebuildLedger({ higher }: { higher: boolean }): void {
    this.#warm = higher ? ++this.#highestWarm : --this.#lowestWarm
    this.#people.clear()
    for (const { userId } of this.connections) if (userId !== undefined) this.#person(userId)
  }

  rev(userId: UserId): number {
    return this.#warm * 2 ** 20 + this.#person(userId).n
  }

  badge(userId: UserId): Badge {
    let total = 0
    let unreadRooms = 0
    for (const { unread, muted, left } of this.#person(userId).shown.values()) {
      if (left || muted || unread === 0) continue
      total += unread
      unreadRooms++
    }
    return { total, unreadRooms, notifications: 0, rev: this.rev(userId) as Rev }
  }

  row(userId: UserId, roomId: RoomId): ChatRoomUpdated {
    const room = this.data.rooms.get(roomId)
    if (room === undefined) throw new Error(`no room ${roomId}`)
    const last = room.messages.get(room.seq)
    const { unread, muted, left } = this.#shownNow(userId, room)
    return {
      roomId,
      last_message: last?.text ?? null,
      last_message_at: last?.createdAt ?? null,
      unread_count: unread,
      rev: this.rev(userId) as Rev,
      last_message_seq: room.seq as Seq,
      last_sender_id: last?.senderId ?? null,
      change: room.change as Change,
      facts_version: room.factsVersion,
      muted,
      archived: false,
      left,
    }
  }

  /** Tells these people's devices what changed for them: rows first, then the total they add up to. */
  publish(userIds: Iterable<UserId>): void {
    for (const userId of userIds) {
      const person = this.#person(userId)
      const moved: RoomId[] = []
      for (const room of this.data.rooms.values()) {
        if (!room.members.has(userId)) continue
        const shown = this.#shownNow(userId, room)
        if (isSame(shown, person.shown.get(room.id))) continue
        person.shown.set(room.id, shown)
        moved.push(room.id)
      }
      if (moved.length === 0) continue
      person.n++
      for (const roomId of moved) person.changedAt.set(roomId, this.rev(userId))
      for (const connection of this.connections) {
        if (connection.userId !== userId) continue
        for (const roomId of moved) connection.offerRow(roomId)
        connection.emitBadge()
      }
    }
  }

  /** A device that polls shows these rooms now; those that were marked unread since it opened them are not open. */
  show(
    userId: UserId,
    { device, open }: { device: string; open: readonly { roomId: RoomId; readEpoch: number }[] },
  ): void {
    clearTimeout(this.#screens.get(device)?.lapses)
    const isCurrent = ({ roomId, readEpoch }: { roomId: RoomId; readEpoch: number }): boolean =>
      this.data.rooms.get(roomId)?.members.get(userId)?.readEpoch === readEpoch
    const shown = new Set(open.filter(isCurrent).map(({ roomId }) => roomId))
    const lapses = setTimeout(() => this.show(userId, { device, open: [] }), LEASE_MS)
    if (shown.size > 0) this.#screens.set(device, { userId, open: shown, lapses })
    else {
      clearTimeout(lapses)
      this.#screens.delete(device)
    }
    this.publish([userId])
  }

  /** Marked unread: the room is open on no device of this person any more. */
  endOpen(userId: UserId, roomId: RoomId): void {
    for (const connection of this.connections) if (connection.userId === userId) connection.endOpen(roomId)
    for (const [device, screen] of this.#screens) {
      if (screen.userId !== userId || !screen.open.has(roomId)) continue
      this.#screens.set(device, { ...screen, open: new Set([...screen.open].filter((id) => id !== roomId)) })
    }
  }

  /** Everybody in a room. */
  publishRoom(roomId: RoomId): void {
    this.publish(this.data.rooms.get(roomId)?.members.keys() ?? [])
  }

  emitToRoom<E extends ServerEventName>(
    roomId: RoomId,
    event: E,
    payloadFor: (viewer: UserId) => ServerEventPayload<E>,
  ): void {
    for (const connection of this.connections) {
      if (connection.userId === undefined || !connection.joined.has(roomId)) continue
      connection.emit(event, payloadFor(connection.userId))
    }
  }

  newMessage(message: Message): void {
    this.emitToRoom(message.roomId, 'new-message', (viewer) => wireMessage(this.data.view(message, viewer)))
    this.publishRoom(message.roomId)
  }

  /** What a node does every few seconds: says the badge again, and emits what rooms that are open missed. */
  touch(): void {
    for (const connection of this.connections) {
      const { userId } = connection
      if (userId === undefined) continue
      connection.emitBadge()
      for (const [roomId, emittedSeq] of connection.joined) {
        const room = this.data.rooms.get(roomId)
        for (let seq = emittedSeq + 1; seq <= (room?.seq ?? 0); seq++) {
          const message = room?.messages.get(seq)
          if (message !== undefined)
            connection.emit('new-message', wireMessage(this.data.view(message, userId)))
        }
      }
    }
  }

  sync(
    userId: UserId,
    question: {
      since?: number | undefined
      rooms?: readonly { roomId: RoomId; change: number }[] | undefined
      next?: Cursor | undefined
    },
  ): SyncAnswer {
    const { since, rooms: named = [], next } = question
    const person = this.#person(userId)
    const rev = this.rev(userId)
    const isKnown = since !== undefined && Math.floor(since / 2 ** 20) === this.#warm && since <= rev
    const full = next !== undefined || !isKnown
    const mine = [...this.data.rooms.values()].filter((room) => room.members.has(userId))
    const present = mine.filter((room) => room.members.get(userId)?.left === false).sort(byPlace)
    // By place in the list, not by count: rooms move between two pages.
    const below = next === undefined ? present : present.filter((room) => placeOf(room) < next)
    const page = full
      ? below.slice(0, ROOMS_PER_PAGE)
      : mine.filter((room) => (person.changedAt.get(room.id) ?? 0) > (since ?? 0))
    const last = page.at(-1)
    const more = full && below.length > page.length && last !== undefined
    const messages: Record<string, Message[]> = {}
    const changes: Record<string, Change> = {}
    for (const { roomId, change } of named) {
      const room = present.find(({ id }) => id === roomId)
      if (room === undefined) continue
      const changed = [...room.messages.values()].filter((message) => message.change > change).sort(byChange)
      const answered = changed.slice(0, MESSAGES_PER_SYNC)
      const end = answered.at(-1)
      messages[roomId] = answered.map((message) => this.data.view(message, userId))
      changes[roomId] = (
        end !== undefined && answered.length < changed.length ? end.change : room.change
      ) as Change
    }
    return {
      rev: rev as Rev,
      badge: this.badge(userId),
      rooms: page.map((room) => this.room(userId, room)),
      messages,
      changes,
      nextPollMs: 1_000,
      activeUsers: 1,
      full,
      next: more ? (placeOf(last) as Cursor) : null,
    }
  }

  room(userId: UserId, room: SimulatedRoom): Room | RoomTombstone {
    const { unread, muted, left } = this.#shownNow(userId, room)
    if (left) return { id: room.id, left: true }
    const member = room.members.get(userId)
    const last = room.messages.get(room.seq)
    return {
      id: room.id,
      kind: 'group',
      title: room.title,
      metadata: room.metadata,
      seq: room.seq,
      change: room.change,
      factsVersion: room.factsVersion,
      createdAt: '2026-01-01T00:00:00.000000Z',
      updatedAt: '2026-01-01T00:00:00.000000Z',
      lastMessage: last === undefined ? null : this.data.view(last, userId),
      ...peopleOf(room),
      me: {
        readSeq: member?.readSeq,
        readEpoch: member?.readEpoch,
        unread,
        muted,
        archived: false,
        role: 'member',
      },
    } as unknown as Room
  }

  page(
    userId: UserId,
    roomId: RoomId,
    query: { before?: number; after?: number; limit: number },
  ): MessagePage {
    const { room } = this.data.roomOf(userId, roomId)
    const { before = Number.POSITIVE_INFINITY, after, limit } = query
    const all = [...room.messages.values()].sort((a, b) => a.seq - b.seq)
    const items =
      after === undefined
        ? all.filter(({ seq }) => seq < before).slice(-limit)
        : all.filter(({ seq }) => seq > after).slice(0, limit)
    const first = items.at(0)?.seq ?? (after === undefined ? 0 : after + 1)
    const last = items.at(-1)?.seq ?? Math.min(room.seq, before - 1)
    return {
      items: items.map((message) => this.data.view(message, userId)),
      hasBefore: all.some(({ seq }) => seq < first),
      hasAfter: all.some(({ seq }) => seq > last),
      change: room.change as Change,
    }
  }

  /** Numbers as of now: what a fresh fetch would show. */
  #shownNow(userId: UserId, room: SimulatedRoom): Shown {
    const member = room.members.get(userId)
    const left = member?.left ?? true
    const isOpen =
      [...this.connections].some((connection) => connection.userId === userId && connection.shows(room.id)) ||
      [...this.#screens.values()].some((screen) => screen.userId === userId && screen.open.has(room.id))
    const unread = left || isOpen ? 0 : this.data.unread(userId, room)
    return { unread, change: room.change, muted: member?.muted ?? false, left }
  }

  #person(userId: UserId): Person {
    const known = this.#people.get(userId)
    if (known !== undefined) return known
    const person: Person = { n: 1, shown: new Map(), changedAt: new Map() }
    this.#people.set(userId, person)
    for (const room of this.data.rooms.values()) {
      if (room.members.has(userId)) person.shown.set(room.id, this.#shownNow(userId, room))
    }
    return person
  }
}

/** As everybody in the room sees them; how far others read is not part of it. */
export function peopleOf({ members }: SimulatedRoom) {
  const shown = Array.from(members, ([userId, { left }]) => ({
    ...{ userId, left, name: `name of ${userId}`, image: null, userType: null, role: 'member' },
    ...{ readSeq: 0, deliveredSeq: 0 },
  }))
  return { members: shown, memberCount: shown.filter(({ left }) => !left).length }
}

export function wireMessage(message: Message): WireMessage {
  const { id, roomId, seq, senderId, text, type, createdAt, clientId, change } = message
  const { editedAt, deletedAt, reactions } = message
  return {
    id,
    room_id: roomId,
    sender_id: senderId,
    message: text,
    message_type: type,
    created_at: createdAt,
    is_read: false,
    seq,
    change,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(editedAt === undefined ? {} : { edited_at: editedAt }),
    ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
    ...(reactions.length === 0 ? {} : { reactions }),
  }
}

function isSame(a: Shown, b: Shown | undefined): boolean {
  return (
    b !== undefined &&
    a.unread === b.unread &&
    a.change === b.change &&
    a.muted === b.muted &&
    a.left === b.left
  )
}

/** Where a room stands in the list; the highest place comes first. */
function placeOf(room: SimulatedRoom): string {
  return `${room.messages.get(room.seq)?.createdAt ?? ''} ${room.id}`
}

const byPlace = (a: SimulatedRoom, b: SimulatedRoom): number => (placeOf(a) < placeOf(b) ? 1 : -1)

const byChange = (a: Message, b: Message): number => a.change - b.change
