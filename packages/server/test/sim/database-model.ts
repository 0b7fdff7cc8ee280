import type { ClientId, ErrorCode, IsoTime, MessageId, Reaction, RoomId, UserId } from '@tally/protocol'
import type { Committed, MemberState, RoomHead, StoredMessage } from '../../src/core/committed.ts'
import type { NodeId } from '../../src/core/ledger-step.ts'
import type { OutboxRow } from '../../src/store/read-present-state.ts'
import { Truth, type TruthEvents } from '../ledger/truth.ts'
import type { Journal } from './journal.ts'
import { OutboxModel, type OutboxModelOptions } from './outbox-model.ts'

/** Whose statement this is, as the database knows it: the name of the connection. */
export type Session = { readonly nodeId: NodeId }

export type NewMessage = {
  readonly id: MessageId
  readonly roomId: RoomId
  /** `null`: the system. */
  readonly senderId: UserId | null
  readonly text: string
  readonly type: string
  readonly clientId: ClientId | null
  readonly fingerprint: string
  readonly counted: boolean
}

export type Sent =
  | { readonly outcome: 'new' | 'stored'; readonly message: StoredMessage }
  | { readonly outcome: 'client_id_conflict' | 'room_not_found' }

type Room = { messages: StoredMessage[]; membership: number; readonly createdAt: IsoTime }
type Change = Committed & { message: StoredMessage; changed: boolean }
type Place = { readonly roomId: RoomId; readonly seq: number }
type OneReaction = { readonly userId: UserId; readonly emoji: string; readonly on: boolean }
export type Refused = { readonly refused: ErrorCode; readonly limit: null }

const refused = (code: ErrorCode): Refused => ({ refused: code, limit: null })

/**
 * What the database holds, with the counting left to the rule table's own model (`ledger/truth.ts`): texts, the names
 * that senders gave their messages, memberships' versions and the outbox. Every method is one transaction.
 */
export class DatabaseModel {
  readonly truth = new Truth()
  readonly outbox: OutboxModel
  /** Whose statement is being answered. */
  session: Session = { nodeId: 'nobody' }
  readonly #rooms = new Map<RoomId, Room>()
  readonly #named = new Map<string, { fingerprint: string; roomId: RoomId; seq: number }>()
  readonly #nowMs: () => number
  readonly #journal: Journal
  #warm = 1
  #epoch = 1
  #micros = 0

  constructor(options: OutboxModelOptions) {
    this.#nowMs = options.nowMs
    this.#journal = options.journal
    this.outbox = new OutboxModel(options)
  }

  addRoom(roomId: RoomId, userIds: readonly UserId[]): void {
    this.truth.addRoom(roomId, 'room')
    this.#rooms.set(roomId, { messages: [], membership: 1, createdAt: this.#time() })
    for (const userId of userIds) this.truth.join(roomId, userId, 'none')
  }

  get roomIds(): RoomId[] {
    return [...this.#rooms.keys()]
  }

  /** Keys of the ledger that were warmed with this number or a lower one are cold. */
  get epoch(): number {
    return this.#epoch
  }

  raiseEpoch(): number {
    this.#journal.happened('epoch raised')
    this.outbox.closeAll()
    this.#epoch = this.nextWarm()
    return this.#epoch
  }

  nextWarm(): number {
    this.#warm += 1
    return this.#warm
  }

  room(roomId: RoomId): Room | undefined {
    return this.#rooms.get(roomId)
  }

  message({ roomId, seq }: Place): StoredMessage | undefined {
    return this.#rooms.get(roomId)?.messages[seq - 1]
  }

  isMember(roomId: RoomId, userId: UserId): boolean {
    return this.truth.rooms.get(roomId)?.members.get(userId)?.left === false
  }

  /** The rooms the person is in. */
  roomsOf(userId: UserId): RoomId[] {
    return this.roomIds.filter((roomId) => this.isMember(roomId, userId))
  }

  head(roomId: RoomId): RoomHead {
    const { seq, tally, change } = this.truth.rooms.get(roomId)!
    return { roomId, kind: 'group', seq, tally, change, membership: this.#rooms.get(roomId)!.membership }
  }

  member(roomId: RoomId, userId: UserId): MemberState {
    const { pendingReadSeq: _, ...member } = this.truth.rooms.get(roomId)!.members.get(userId)!
    return { roomId, userId, ...member, role: 'member' }
  }

  /** Messages and reads of one group: reads see their rooms as they were before. */
  group(
    sends: readonly NewMessage[],
    reads: readonly { roomId: RoomId; userId: UserId; readEpoch: number | null }[],
  ): { sent: Sent[]; advanced: [RoomId, UserId][]; committed: Committed; now: IsoTime } {
    const touched: TruthEvents[] = []
    const advanced: [RoomId, UserId][] = []
    for (const { roomId, userId, readEpoch } of reads) {
      const { seq } = this.truth.rooms.get(roomId)!
      const events = this.truth.readUpTo(roomId, userId, seq, readEpoch ?? undefined)
      if (events.size > 0) advanced.push([roomId, userId])
      touched.push(events)
    }
    const spans = new Map<RoomId, { first: number; last: number }>()
    const startMicros = this.#nextMicros()
    this.#micros = startMicros + sends.length
    const sent = sends.map((send): Sent => {
      const { first, last } = spans.get(send.roomId) ?? { first: 0, last: -1 }
      const { outcome, events } = this.#send(send, timeOf(startMicros + last - first + 1))
      touched.push(events)
      if (outcome.outcome !== 'new') return outcome
      const { seq } = outcome.message
      spans.set(send.roomId, { first: spans.get(send.roomId)?.first ?? seq, last: seq })
      return outcome
    })
    const committed = this.#commit(
      touched,
      [...spans].map(([roomId, span]) => ({ roomId, ...span })),
    )
    return { sent, advanced, committed, now: timeOf(startMicros) }
  }

  readUpTo(userId: UserId, roomId: RoomId, upToSeq: number, readEpoch: number | null): object {
    if (!this.isMember(roomId, userId)) return refused('room_not_found')
    const events = this.truth.readUpTo(roomId, userId, upToSeq, readEpoch ?? undefined)
    const { readSeq, readEpoch: epoch } = this.member(roomId, userId)
    return { ...this.#commit([events], []), readSeq, readEpoch: epoch, advanced: events.size > 0 }
  }

  markUnread(userId: UserId, roomId: RoomId, fromSeq: number): object {
    if (!this.isMember(roomId, userId)) return refused('room_not_found')
    const events = this.truth.markUnread(roomId, userId, fromSeq)
    this.#forgetPendingRead(roomId, userId)
    const { readSeq, readEpoch } = this.member(roomId, userId)
    return { ...this.#commit([events], []), readSeq, readEpoch }
  }

  deleteMessage(place: Place): Change | Refused {
    const known = this.message(place)
    if (known === undefined) return refused('message_not_found')
    if (known.deletedAt !== undefined) return { ...nothing(), message: known, changed: false }
    const events = this.truth.remove(place.roomId, ({ seq }) => seq === place.seq, false)
    return this.#changeMessage(place, { ...known, text: '', reactions: [], deletedAt: this.#time() }, events)
  }

  editMessage(userId: UserId, place: Place, text: string): Change | Refused {
    const known = this.message(place)
    if (!this.isMember(place.roomId, userId)) return refused('room_not_found')
    if (known === undefined || known.deletedAt !== undefined) return refused('message_not_found')
    if (known.senderId !== userId) return refused('forbidden')
    if (known.text === text) return { ...nothing(), message: known, changed: false }
    const events = this.truth.touch(place.roomId)
    return this.#changeMessage(place, { ...known, text, editedAt: this.#time() }, events)
  }

  /** People here pick among fewer emoji than a message may have: none is one too many. */
  react(place: Place, reaction: OneReaction): Change | Refused {
    const known = this.message(place)
    if (!this.isMember(place.roomId, reaction.userId)) return refused('room_not_found')
    if (known === undefined || known.deletedAt !== undefined) return refused('message_not_found')
    if (isGiven(known.reactions, reaction) === reaction.on) {
      return { ...nothing(), message: known, changed: false }
    }
    if (!reaction.on) this.#journal.happened('reaction taken off')
    const events = this.truth.touch(place.roomId)
    const reactions = (reaction.on ? withReaction : withoutReaction)(known.reactions, reaction)
    return this.#changeMessage(place, { ...known, reactions }, events)
  }

  setFlag(
    userId: UserId,
    roomId: RoomId,
    flag: { muted: boolean } | { archived: boolean },
  ): Committed | Refused {
    if (!this.isMember(roomId, userId)) return refused('room_not_found')
    const { muted, archivedAtTally } = this.member(roomId, userId)
    const isSame =
      'muted' in flag
        ? flag.muted === muted
        : flag.archived
          ? archivedAtTally === this.head(roomId).tally
          : archivedAtTally === null
    return isSame ? nothing() : this.#commit([this.truth.setFlags(roomId, userId, flag)], [])
  }

  join(roomId: RoomId, userIds: readonly UserId[], history: 'none' | 'unread' | null): Committed {
    const joined: TruthEvents[] = []
    for (const userId of userIds) {
      if (this.isMember(roomId, userId)) continue
      const cameBack = this.truth.rooms.get(roomId)!.members.has(userId)
      joined.push(this.truth.join(roomId, userId, history ?? 'none'))
      // Reads of before say nothing about what is unread from now on.
      if (cameBack) this.truth.rooms.get(roomId)!.members.get(userId)!.readEpoch += 1
    }
    if (joined.length === 0) return nothing()
    this.#rooms.get(roomId)!.membership += 1
    return this.#commit(joined, [this.#risen(roomId)])
  }

  leave(roomId: RoomId, userId: UserId): Committed {
    const events = this.truth.leave(roomId, [userId])
    if (events.size === 0) return nothing()
    this.#rooms.get(roomId)!.membership += 1
    this.#forgetPendingRead(roomId, userId)
    return this.#commit([events], [this.#risen(roomId)])
  }

  setBlocked(blockerId: UserId, blockedId: UserId, blocked: boolean): Committed & { changed: boolean } {
    const events = this.truth.setBlocked(blockerId, blockedId, blocked)
    return { ...this.#commit([events], []), changed: events.size > 0 }
  }

  startMarkAllRead(userId: UserId): void {
    this.truth.startMarkAllRead(userId)
  }

  stepMarkAllRead(userId: UserId): Committed & { more: boolean } {
    const events = this.truth.stepMarkAllRead(userId)
    return { ...this.#commit([events], []), more: this.usersWithPendingReads().includes(userId) }
  }

  usersWithPendingReads(): UserId[] {
    const pending = new Set<UserId>()
    for (const { userId, member } of this.truth.rows()) {
      if (member.pendingReadSeq !== null) pending.add(userId)
    }
    return [...pending]
  }

  #send(send: NewMessage, createdAt: IsoTime): { outcome: Sent; events: TruthEvents } {
    const { roomId, senderId, clientId, fingerprint, ...rest } = send
    const name = `${roomId}\n${senderId}\n${clientId}`
    const known = clientId === null ? undefined : this.#named.get(name)
    if (known !== undefined) {
      const isSame = known.fingerprint === fingerprint
      if (isSame) this.#journal.happened('message sent again and known already')
      const outcome: Sent = isSame
        ? { outcome: 'stored', message: this.message(known)! }
        : { outcome: 'client_id_conflict' }
      return { outcome, events: new Map() }
    }
    if (senderId !== null && !this.isMember(roomId, senderId)) {
      return { outcome: { outcome: 'room_not_found' }, events: new Map() }
    }
    const events = this.truth.send(roomId, senderId, send.counted)
    const { seq, tally, change } = this.truth.rooms.get(roomId)!
    const numbers = { seq, tally, change, createdAt }
    const name_ = clientId === null ? {} : { clientId }
    const message: StoredMessage = { ...rest, roomId, senderId, ...numbers, reactions: [], ...name_ }
    this.#rooms.get(roomId)!.messages.push(message)
    if (clientId !== null) this.#named.set(name, { fingerprint, roomId, seq })
    return { outcome: { outcome: 'new', message }, events }
  }

  #changeMessage(place: Place, changed: StoredMessage, events: TruthEvents): Change {
    const { change } = this.truth.rooms.get(place.roomId)!
    const message = { ...changed, change }
    this.#rooms.get(place.roomId)!.messages[place.seq - 1] = message
    return { ...this.#commit([events], [this.#risen(place.roomId)]), message, changed: true }
  }

  #forgetPendingRead(roomId: RoomId, userId: UserId): void {
    this.truth.rooms.get(roomId)!.members.get(userId)!.pendingReadSeq = null
  }

  #risen(roomId: RoomId): { roomId: RoomId; change: number } {
    return { roomId, change: this.head(roomId).change }
  }

  /** Rows that were touched, as they are now, and the outbox's row about them. */
  #commit(events: readonly TruthEvents[], rooms: OutboxRow['payload']['rooms']): Committed {
    const touched = new Map<string, { roomId: RoomId; userId: UserId }>()
    for (const each of events) {
      for (const [userId, updates] of each) {
        for (const { roomId, member } of updates) {
          if (member !== undefined) touched.set(`${roomId}\n${userId}`, { roomId, userId })
        }
      }
    }
    if (touched.size === 0 && rooms.length === 0) return nothing()
    const members = [...touched.values()]
    return {
      rooms: rooms.map(({ roomId }) => this.head(roomId)),
      members: members.map(({ roomId, userId }) => this.member(roomId, userId)),
      outboxId: this.outbox.add(this.session.nodeId, { rooms: [...rooms], members }),
    }
  }

  /** The database's own clock, in microseconds and rising with every look at it. */
  #time(): IsoTime {
    this.#micros = this.#nextMicros()
    return timeOf(this.#micros)
  }

  #nextMicros(): number {
    return Math.max(this.#micros + 1, this.#nowMs() * 1_000)
  }
}

const EPOCH_MS = Date.UTC(2026, 0, 1)

function timeOf(micros: number): IsoTime {
  const seconds = new Date(EPOCH_MS + Math.trunc(micros / 1_000)).toISOString().slice(0, -1)
  return `${seconds}${String(micros % 1_000).padStart(3, '0')}Z` as IsoTime
}

function isGiven(reactions: readonly Reaction[], { userId, emoji }: OneReaction): boolean {
  return reactions.some((given) => given.emoji === emoji && given.userIds.includes(userId))
}

function withReaction(reactions: readonly Reaction[], { userId, emoji }: OneReaction): Reaction[] {
  if (!reactions.some((given) => given.emoji === emoji)) return [...reactions, { emoji, userIds: [userId] }]
  return reactions.map((given) =>
    given.emoji === emoji ? { emoji, userIds: [...given.userIds, userId] } : given,
  )
}

/** An emoji keeps its place when the first who gave it takes it off: in what order they stand is looked at nowhere. */
function withoutReaction(reactions: readonly Reaction[], { userId, emoji }: OneReaction): Reaction[] {
  return reactions
    .map((given) =>
      given.emoji === emoji ? { emoji, userIds: given.userIds.filter((other) => other !== userId) } : given,
    )
    .filter(({ userIds }) => userIds.length > 0)
}

function nothing(): Committed {
  return { rooms: [], members: [], outboxId: null }
}
