import type { RoomId, UserId } from '@tally/protocol'
import type { RoomUpdate } from '../../src/core/ledger-step.ts'
import type { LedgerRegister, LedgerRoomKind, MemberPart } from '../../src/core/registers.ts'

type TruthMessage = {
  readonly seq: number
  readonly senderId: UserId | null
  readonly counted: boolean
  deleted: boolean
  /** A notification that was read alone: settled like a deleted one. */
  settledAlone: boolean
}

type TruthRoom = {
  readonly roomId: RoomId
  readonly kind: LedgerRoomKind
  seq: number
  tally: number
  change: number
  messages: TruthMessage[]
  readonly members: Map<UserId, TruthMember>
}

type TruthMember = {
  settled: number
  version: number
  readSeq: number
  readEpoch: number
  left: boolean
  muted: boolean
  archivedAtTally: number | null
  /** The head that a mark-all-read in steps goes to. */
  pendingReadSeq: number | null
}

/** What one commit tells the ledger of each user. */
export type TruthEvents = Map<UserId, RoomUpdate[]>

/**
 * An executable model of the database, written from the rule table (docs/BADGES.md) and nothing else: every action
 * changes rows as the table says, and answers the events a commit sends, with absolute values.
 */
export class Truth {
  readonly rooms = new Map<RoomId, TruthRoom>()
  readonly #blocks = new Set<string>()

  addRoom(roomId: RoomId, kind: LedgerRoomKind): void {
    this.rooms.set(roomId, { roomId, kind, seq: 0, tally: 0, change: 0, messages: [], members: new Map() })
  }

  /** A message. `counted: false` is a system message. Its sender settles it, and so does everyone who blocks the sender. */
  send(roomId: RoomId, senderId: UserId | null, counted: boolean): TruthEvents {
    const room = this.#room(roomId)
    if (senderId !== null && room.members.get(senderId)?.left !== false) return new Map()
    room.seq += 1
    room.change += 1
    if (counted) room.tally += 1
    const message = { seq: room.seq, senderId, counted, deleted: false, settledAlone: false }
    room.messages.push(message)
    const settledBy = [...room.members.keys()].filter(
      (userId) => counted && (userId === senderId || this.#isBlocked(userId, senderId)),
    )
    for (const userId of settledBy) this.#settleOne(room, userId)
    return this.#events(room, settledBy, 'everyone')
  }

  /** s ≤ read_seq, or a read that carries an older epoch: nothing is written. */
  readUpTo(roomId: RoomId, userId: UserId, upToSeq: number, readEpoch?: number): TruthEvents {
    const room = this.#room(roomId)
    const member = room.members.get(userId)
    if (member === undefined || member.left || upToSeq <= member.readSeq) return new Map()
    if (readEpoch !== undefined && readEpoch < member.readEpoch) return new Map()
    member.readSeq = Math.min(room.seq, Math.max(member.readSeq, upToSeq))
    return this.#resettle(room, [userId])
  }

  markUnread(roomId: RoomId, userId: UserId, fromSeq: number): TruthEvents {
    const room = this.#room(roomId)
    const member = room.members.get(userId)
    if (member === undefined || member.left) return new Map()
    member.readSeq = Math.min(room.seq, Math.max(0, fromSeq - 1))
    member.readEpoch += 1
    return this.#resettle(room, [userId])
  }

  /** Deletes messages, or purges them: then their rows go, too. Whoever had one unread has settled it now. */
  remove(roomId: RoomId, isMeant: (message: { seq: number }) => boolean, purge: boolean): TruthEvents {
    const room = this.#room(roomId)
    const removed = room.messages.filter((message) => isMeant(message) && !message.deleted)
    const settledBy = new Set<UserId>()
    for (const message of removed) {
      for (const [userId, member] of room.members) {
        if (!this.#isUnread(message, userId, member)) continue
        this.#settleOne(room, userId)
        settledBy.add(userId)
      }
      message.deleted = true
    }
    if (purge) room.messages = room.messages.filter((message) => !isMeant(message))
    if (removed.length === 0) return new Map()
    room.change += 1
    return this.#events(room, [...settledBy], 'everyone')
  }

  /** An edit, a reaction, a new title: seen by everyone, counted by nobody. */
  touch(roomId: RoomId): TruthEvents {
    const room = this.#room(roomId)
    room.change += 1
    return this.#events(room, [], 'everyone')
  }

  setFlags(roomId: RoomId, userId: UserId, flags: { muted?: boolean; archived?: boolean }): TruthEvents {
    const room = this.#room(roomId)
    const member = room.members.get(userId)
    if (member === undefined || member.left) return new Map()
    if (flags.muted !== undefined) member.muted = flags.muted
    if (flags.archived !== undefined) member.archivedAtTally = flags.archived ? room.tally : null
    member.version += 1
    return this.#events(room, [userId], 'nobody else')
  }

  join(roomId: RoomId, userId: UserId, history: 'none' | 'unread'): TruthEvents {
    const room = this.#room(roomId)
    const known = room.members.get(userId)
    if (known?.left === false) return new Map()
    const member: TruthMember = {
      settled: room.tally,
      version: (known?.version ?? 0) + 1,
      readSeq: history === 'none' ? room.seq : 0,
      readEpoch: known?.readEpoch ?? 0,
      left: false,
      muted: false,
      archivedAtTally: null,
      pendingReadSeq: null,
    }
    room.members.set(userId, member)
    member.settled = room.tally - this.recount(roomId, userId)
    room.change += 1
    return this.#events(room, [userId], 'everyone')
  }

  leave(roomId: RoomId, userIds: readonly UserId[]): TruthEvents {
    const room = this.#room(roomId)
    const leaving = userIds.filter((userId) => room.members.get(userId)?.left === false)
    if (leaving.length === 0) return new Map()
    for (const userId of leaving) {
      const member = this.#member(room, userId)
      member.left = true
      member.version += 1
    }
    room.change += 1
    return this.#events(room, leaving, 'everyone')
  }

  setBlocked(blockerId: UserId, blockedId: UserId, blocked: boolean): TruthEvents {
    const pair = `${blockerId} ${blockedId}`
    if (blockerId === blockedId || this.#blocks.has(pair) === blocked) return new Map()
    if (blocked) this.#blocks.add(pair)
    else this.#blocks.delete(pair)
    const events: TruthEvents = new Map()
    for (const room of this.rooms.values()) {
      if (!room.members.has(blockedId) || !room.members.has(blockerId)) continue
      for (const [userId, updates] of this.#resettle(room, [blockerId])) {
        events.set(userId, [...(events.get(userId) ?? []), ...updates])
      }
    }
    return events
  }

  /** Stores the heads; what arrives afterwards stays unread. */
  startMarkAllRead(userId: UserId): void {
    for (const room of this.rooms.values()) {
      const member = room.members.get(userId)
      if (member !== undefined && !member.left) member.pendingReadSeq = room.seq
    }
  }

  /** Reads one room up to its stored head. */
  stepMarkAllRead(userId: UserId): TruthEvents {
    for (const room of this.rooms.values()) {
      const member = room.members.get(userId)
      if (member === undefined || member.pendingReadSeq === null) continue
      const { pendingReadSeq } = member
      member.pendingReadSeq = null
      return this.readUpTo(room.roomId, userId, pendingReadSeq)
    }
    return new Map()
  }

  /** One notification, without the older ones. */
  readAlone(roomId: RoomId, seq: number): TruthEvents {
    const room = this.#room(roomId)
    const message = room.messages.find((one) => one.seq === seq)
    if (message === undefined) return new Map()
    const readers = [...room.members].filter(([userId, member]) => this.#isUnread(message, userId, member))
    if (readers.length === 0) return new Map()
    message.settledAlone = true
    room.change += 1
    for (const [userId] of readers) this.#settleOne(room, userId)
    return this.#events(
      room,
      readers.map(([userId]) => userId),
      'everyone',
    )
  }

  /** The independent truth: counts messages, and looks at neither tally nor settled. */
  recount(roomId: RoomId, userId: UserId): number {
    const room = this.#room(roomId)
    const member = room.members.get(userId)
    if (member === undefined) return 0
    return room.messages.filter((message) => this.#isUnread(message, userId, member)).length
  }

  /** What a snapshot of the database says of a user, at this moment. */
  snapshot(userId: UserId): LedgerRegister[] {
    const registers: LedgerRegister[] = []
    for (const room of this.rooms.values()) {
      if (!room.members.has(userId)) continue
      const { roomId, tally, change } = room
      registers.push({ roomId, tally, change, ...this.#part(room, userId) })
    }
    return registers
  }

  /** Every member row there ever was. */
  *rows(): Generator<{ room: TruthRoom; userId: UserId; member: TruthMember }> {
    for (const room of this.rooms.values()) {
      for (const [userId, member] of room.members) yield { room, userId, member }
    }
  }

  #isUnread(message: TruthMessage, userId: UserId, member: TruthMember): boolean {
    return (
      message.seq > member.readSeq &&
      message.counted &&
      !message.deleted &&
      !message.settledAlone &&
      message.senderId !== userId &&
      !this.#isBlocked(userId, message.senderId)
    )
  }

  #isBlocked(blockerId: UserId, blockedId: UserId | null): boolean {
    return blockedId !== null && this.#blocks.has(`${blockerId} ${blockedId}`)
  }

  #settleOne(room: TruthRoom, userId: UserId): void {
    const member = this.#member(room, userId)
    member.settled += 1
    member.version += 1
  }

  #resettle(room: TruthRoom, userIds: readonly UserId[]): TruthEvents {
    for (const userId of userIds) {
      const member = this.#member(room, userId)
      member.settled = room.tally - this.recount(room.roomId, userId)
      member.version += 1
    }
    return this.#events(room, userIds, 'nobody else')
  }

  /** Touched rows in full; everyone else who is in the room hears of the room's new head alone. */
  #events(room: TruthRoom, touched: readonly UserId[], audience: 'everyone' | 'nobody else'): TruthEvents {
    const { roomId, tally, change } = room
    const events: TruthEvents = new Map()
    if (audience === 'everyone') {
      for (const [userId, { left }] of room.members)
        if (!left) events.set(userId, [{ roomId, tally, change }])
    }
    for (const userId of touched)
      events.set(userId, [{ roomId, tally, change, member: this.#part(room, userId) }])
    return events
  }

  #part(room: TruthRoom, userId: UserId): MemberPart {
    const { settled, version, left, muted, archivedAtTally } = this.#member(room, userId)
    return { kind: room.kind, settled, version, flags: { left, muted, archivedAtTally } }
  }

  #room(roomId: RoomId): TruthRoom {
    return this.rooms.get(roomId)!
  }

  #member(room: TruthRoom, userId: UserId): TruthMember {
    return room.members.get(userId)!
  }
}
