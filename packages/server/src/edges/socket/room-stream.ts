import type { RoomId, UserId } from '@tally/protocol'
import { messageNow, roomsChanged } from '../../actions/message-events.ts'
import type { RoomEvent } from '../../bus/frames.ts'
import { ChangeTrack } from '../../core/change-track.ts'
import type { StoredMessage } from '../../core/committed.ts'
import { type Gap, OrderGate } from '../../core/order-gate.ts'
import { MessageParts } from './message-parts.ts'
import { encodeFrame, MessagePackets } from './packet.ts'
import { type Listener, type Start, Subscription } from './subscription.ts'

export type RoomStreamOptions = {
  /** Messages above a place, oldest first, at most `limit`; asked in the name of somebody in the room. */
  readMissed: (missed: MissedMessages) => Promise<StoredMessage[]>
  /** Messages that changed after a change, lowest change first, and up to where they are complete; likewise. */
  readChanged: (missed: MissedChanges) => Promise<{ change: number; messages: StoredMessage[] }>
  /** Monotonic milliseconds. */
  nowMs: () => number
  onError: (error: unknown) => void
}

export type MissedMessages = { userId: UserId; roomId: RoomId; afterSeq: number; limit: number }
export type MissedChanges = { userId: UserId; roomId: RoomId; change: number; limit: number }

const GATE_LIMITS = { gapWaitMs: 100, maxHeld: 500 }
const MISSED_PAGE = 100
/** What the ledger knows already may still be on its way here. */
const HEAL_AFTER_MS = 100
/** How soon to ask again when the database could not answer. */
const REPAIR_RETRY_MS = 1_000

/**
 * One room on one node: takes its messages however the bus delivers them and passes each on once, in order of seq, to
 * the devices here that joined it. A message that is missing for too long is read from the database, and so is every
 * other change that the ledger knows of and this room does not.
 */
export class RoomStream {
  readonly #roomId: RoomId
  readonly #options: RoomStreamOptions
  readonly #subscriptions = new Set<Subscription>()
  /** From the first join that is through: until then nobody knows what is history. */
  #gate: OrderGate<MessagePackets> | undefined
  /** From the same join: which changes came by since. */
  #track: ChangeTrack | undefined
  #headChange = 0
  #healTimer: NodeJS.Timeout | undefined
  readonly #parts = new MessageParts()
  /** What changed up to here may have been told before anybody here listened. */
  #sinceChange = 0
  /** Messages that are being looked up because of such a change. */
  readonly #lookedUp = new Set<number>()
  /** Events about messages that have not been passed on yet. */
  #early: { seq: number; event: RoomEvent }[] = []
  #timer: NodeJS.Timeout | undefined
  #isRepairing = false

  constructor(roomId: RoomId, options: RoomStreamOptions) {
    this.#roomId = roomId
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0
  }

  /** From now on the device misses nothing; it hears something once it is started. */
  subscribe(listener: Listener, onEnd: () => void): Subscription {
    const subscription = new Subscription(listener, (ended) => {
      this.#subscriptions.delete(ended)
      if (this.isEmpty) {
        clearTimeout(this.#timer)
        clearTimeout(this.#healTimer)
      }
      onEnd()
    })
    this.#subscriptions.add(subscription)
    return subscription
  }

  /** The device's join is through: everything above its head goes out, what was held back first. */
  start(subscription: Subscription, start: Start): void {
    this.#gate ??= this.#begin(start)
    const { passedSeq } = this.#gate
    const ahead = subscription.start(start, { passedSeq, nowMs: this.#options.nowMs() })
    for (const message of ahead) this.#accept(message)
    // Of the first join, what was early before there was a place to compare with.
    this.#pass([])
  }

  /** The first join is through. */
  #begin({ head, change }: Start): OrderGate<MessagePackets> {
    this.#sinceChange = change
    this.#track = new ChangeTrack(change)
    for (const { event } of this.#early) this.#saw(event)
    return new OrderGate(head, GATE_LIMITS)
  }

  #saw({ payload: { change } }: RoomEvent): void {
    if (typeof change === 'number') this.#track?.saw(change)
  }

  message(stored: StoredMessage): void {
    const message = new MessagePackets(stored)
    for (const subscription of this.#subscriptions) subscription.hold(message)
    // Told again, it comes as it is by now: the edit or the deletion itself may have been lost.
    if (this.#gate?.hasTaken(stored.seq) === true) this.#tellChange(stored)
    else this.#accept(message)
  }

  event(event: RoomEvent): void {
    const { seq } = event.payload
    this.#saw(event)
    // An edit must not overtake the text it replaces.
    const isEarly = typeof seq === 'number' && seq > (this.#gate?.passedSeq ?? -1)
    if (isEarly) this.#early.push({ seq, event })
    else this.#hear(event)
  }

  /** The room's last change, as the ledger knows it. */
  head(change: number): void {
    this.#headChange = Math.max(this.#headChange, change)
    if (this.isEmpty || this.#track?.isBehind(change) !== true) return
    this.#healTimer ??= setTimeout(() => void this.#heal(), HEAL_AFTER_MS)
  }

  #accept(message: MessagePackets): void {
    if (this.#gate === undefined) return
    this.#track?.saw(message.change)
    this.#pass(this.#gate.accept(message, this.#options.nowMs()))
    this.#watchGap()
  }

  #pass(messages: readonly MessagePackets[]): void {
    const nowMs = this.#options.nowMs()
    for (const message of messages) {
      for (const subscription of this.#subscriptions) subscription.pass(message, nowMs)
      if (!message.isAsSent) this.#parts.latest(message.becoming)
    }
    if (this.#early.length > 0) this.#tellEarly(messages)
  }

  /** Events that waited for their messages, which may have been passed on as they are after these. */
  #tellEarly(messages: readonly MessagePackets[]): void {
    const passedSeq = this.#gate?.passedSeq ?? 0
    const due = this.#early.filter(({ seq }) => seq <= passedSeq)
    this.#early = this.#early.filter(({ seq }) => seq > passedSeq)
    const passed = new Map(messages.map((message) => [message.seq, message]))
    for (const { seq, event } of due) {
      const message = passed.get(seq)
      const isOlder = message !== undefined && Number(event.payload['change']) < message.change
      if (isOlder) this.#parts.latest(message.becoming)
      this.#hear(event)
    }
  }

  /**
   * Whoever joined first reads its page after joining, and the page may show more than an update that was still on its
   * way then: such a one is told as the message is by now. (A deletion is what it is.)
   */
  #hear(event: RoomEvent): void {
    const { seq, change } = event.payload
    const isBefore = typeof change === 'number' && change <= this.#sinceChange
    if (isBefore && typeof seq === 'number' && event.event === 'message-updated') void this.#tellAsNow(seq)
    else this.#tell(event)
  }

  /** Where it cannot be looked up nothing is told: the page shows it, and an older text would stay. */
  async #tellAsNow(seq: number): Promise<void> {
    const [reader] = this.#subscriptions
    if (reader === undefined || this.#lookedUp.has(seq)) return
    this.#lookedUp.add(seq)
    try {
      const range = { roomId: this.#roomId, afterSeq: seq - 1, limit: 1 }
      const [message] = await this.#options.readMissed({ ...range, userId: reader.listener.userId })
      if (message?.seq === seq) this.#tell(messageNow(message))
    } catch (error) {
      this.#options.onError(error)
    }
    this.#lookedUp.delete(seq)
  }

  #tell(heard: RoomEvent): void {
    const latest = this.#parts.latest(heard)
    if (latest === undefined) return
    const { event, payload, exceptUserId, exceptDeviceId } = latest
    const packet = encodeFrame(event, payload)
    for (const subscription of this.#subscriptions) {
      const { userId, deviceId } = subscription.listener
      if (userId !== exceptUserId && deviceId !== exceptDeviceId) subscription.event(packet)
    }
  }

  #watchGap(): void {
    if (this.#isRepairing || this.isEmpty || this.#gate === undefined) return
    const nowMs = this.#options.nowMs()
    const gap = this.#gate.lostGap(nowMs)
    if (gap !== undefined) {
      void this.#repair(this.#gate, gap)
    } else if (this.#gate.dueAtMs !== undefined) {
      this.#watchAgainIn(this.#gate.dueAtMs - nowMs)
    }
  }

  #watchAgainIn(waitMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#watchGap(), Math.max(1, Math.ceil(waitMs)))
  }

  async #repair(gate: OrderGate<MessagePackets>, { afterSeq, beforeSeq }: Gap): Promise<void> {
    const [reader] = this.#subscriptions
    if (reader === undefined) return
    this.#isRepairing = true
    try {
      const range = { roomId: this.#roomId, afterSeq, limit: MISSED_PAGE }
      const missed = await this.#options.readMissed({ ...range, userId: reader.listener.userId })
      const lastSeq = missed.at(-1)?.seq ?? afterSeq
      const readUpToSeq = missed.length < MISSED_PAGE ? Math.max(lastSeq, beforeSeq - 1) : lastSeq
      this.#pass(
        gate.fill(
          missed.map((message) => new MessagePackets(message)),
          readUpToSeq,
        ),
      )
      this.#isRepairing = false
      this.#watchGap()
    } catch (error) {
      this.#isRepairing = false
      this.#options.onError(error)
      if (!this.isEmpty) this.#watchAgainIn(REPAIR_RETRY_MS)
    }
  }

  /** Reads what changed since the last time that nothing was missing. What came by anyway is not told again. */
  async #heal(): Promise<void> {
    try {
      while (!this.isEmpty && this.#track?.isBehind(this.#headChange) === true) {
        const [reader] = this.#subscriptions
        if (reader === undefined) break
        const range = { roomId: this.#roomId, change: this.#track.completeTo, limit: MISSED_PAGE }
        const { userId } = reader.listener
        const { change, messages } = await this.#options.readChanged({ ...range, userId })
        // What is missing beside these was of title, metadata or members, or of a message that changed again: whoever
        // shows the room asks for it. A change of these messages themselves is heard of by what is told of them.
        const missing = this.#track.lastMissing(change, new Set(messages.map((message) => message.change)))
        for (const message of messages.toSorted((one, other) => one.seq - other.seq))
          this.#tellMissing(message)
        this.#track.complete(change)
        const facts = missing === undefined ? [] : [{ roomId: this.#roomId, change: missing }]
        for (const event of roomsChanged(facts)) this.event(event)
        // Less than the ledger knows: of a database that lost something there is nothing more to read.
        if (messages.length < MISSED_PAGE) break
      }
    } catch (error) {
      this.#options.onError(error)
    }
    this.#healTimer = undefined
  }

  #tellMissing(message: StoredMessage): void {
    const isNews = this.#track?.hasSeen(message.change) === false
    this.message(message)
    // Also of one that looks as it was sent: a reaction may have been taken off it, and older word of it still come.
    if (isNews && message.seq <= (this.#gate?.passedSeq ?? -1)) this.#tell(messageNow(message))
  }

  #tellChange(message: StoredMessage): void {
    if (this.#track?.hasSeen(message.change) === false) this.event(messageNow(message))
  }
}
