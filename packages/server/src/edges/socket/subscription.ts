import type { UserId } from '@tally/protocol'
import type { DeviceId } from '../../core/ledger-step.ts'
import { EmissionLog } from '../../core/round-trip.ts'
import type { MessagePackets, Packet } from './packet.ts'

/** The device behind a subscription. */
export type Listener = {
  readonly userId: UserId
  readonly deviceId: DeviceId
  write(packet: Packet): void
  /** How long a frame takes to this device and back, in ms. */
  roundTripMs(): number
  /** Whether somebody can see this device: what a hidden one gets is not seen. */
  isVisible(): boolean
}

export type Start = {
  /** The room's head when it was opened; later messages are passed on. */
  head: number
  /** The room's change by then, or an earlier one. */
  change: number
  readEpoch: number
  /** Whether leaving the room or writing into it confirms what was emitted: what apps do that know no `mark-read`. */
  confirms: boolean
}

/** A reading that a device confirmed without a word. */
export type Confirmed = { upToSeq: number; readEpoch: number }

/**
 * One device's ear in a room. While it joins, everything is held back, because only the head that the opening reads
 * decides what is history; from then on each message goes out once and in order.
 */
export class Subscription {
  readonly listener: Listener
  readonly #onEnd: (subscription: Subscription) => void
  #state: 'joining' | 'live' | 'left' | 'removed' = 'joining'
  #emittedSeq = 0
  /** The pages that the device reads are of this change of the room, or of a later one. */
  #startChange = 0
  readonly #heldMessages = new Map<number, MessagePackets>()
  #heldEvents: Packet[] = []
  #emissions: EmissionLog | undefined
  #readEpoch = 0
  /** Word came that whoever opened the room before this read epoch is no longer in it. */
  #removedBefore = 0
  #confirmedSeq = 0

  constructor(listener: Listener, onEnd: (subscription: Subscription) => void) {
    this.listener = listener
    this.#onEnd = onEnd
  }

  get state(): 'joining' | 'live' | 'left' | 'removed' {
    return this.#state
  }

  get hasEnded(): boolean {
    return this.#state === 'left' || this.#state === 'removed'
  }

  /** A message arrived, in whatever order: it may be needed when the join is through, as it was last. */
  hold(message: MessagePackets): void {
    if (this.#state !== 'joining') return
    const known = this.#heldMessages.get(message.seq)
    if (known === undefined || known.change < message.change) this.#heldMessages.set(message.seq, message)
  }

  /**
   * The room passes a message on: in order, and to whoever has read beyond it not as a new one. What became of it before
   * that is told besides: a device may have it as it was sent, from a page.
   */
  pass(message: MessagePackets, nowMs: number): void {
    this.hold(message)
    if (this.#state !== 'live') return
    const isNew = message.seq > this.#emittedSeq
    if (isNew) this.#emittedSeq = message.seq
    if (isNew && !message.isDeleted) {
      this.listener.write(message.for(this.listener.userId))
      if (this.listener.isVisible()) this.#emissions?.emitted(message.seq, nowMs)
    }
    if (isNew ? !message.isAsSent : message.change > this.#startChange) this.listener.write(message.now)
  }

  event(packet: Packet): void {
    if (this.#state === 'joining') this.#heldEvents.push(packet)
    if (this.#state === 'live') this.listener.write(packet)
  }

  /**
   * The join is through, or was repeated.
   * @param passedSeq what the room has passed on already; what is above it comes by `pass`.
   * @returns what was held of that.
   */
  start(
    { head, change, readEpoch, confirms }: Start,
    { passedSeq, nowMs }: { passedSeq: number; nowMs: number },
  ): MessagePackets[] {
    this.#readEpoch = readEpoch
    this.#emissions = confirms ? (this.#emissions ?? new EmissionLog()) : undefined
    if (this.#state !== 'joining') return []
    const held = [...this.#heldMessages.values()].sort((one, other) => one.seq - other.seq)
    const events = this.#heldEvents
    this.#heldMessages.clear()
    this.#heldEvents = []
    this.#state = 'live'
    this.#emittedSeq = head
    this.#startChange = change
    for (const message of held) if (message.seq <= passedSeq) this.pass(message, nowMs)
    for (const event of events) this.listener.write(event)
    return held.filter(({ seq }) => seq > passedSeq)
  }

  /**
   * What an event of this device that arrives now confirms: everything that was emitted at least a round trip before.
   * @returns `undefined` when nothing new.
   */
  confirm(nowMs: number): Confirmed | undefined {
    const upToSeq = this.#emissions?.confirmedSeq({ nowMs, roundTripMs: this.listener.roundTripMs() })
    if (upToSeq === undefined || upToSeq <= this.#confirmedSeq) return undefined
    this.#confirmedSeq = upToSeq
    return { upToSeq, readEpoch: this.#readEpoch }
  }

  /** Marked unread: what is on the screen is unread by will, until the room is joined anew at that read epoch. */
  stopConfirming(beforeEpoch = Number.POSITIVE_INFINITY): void {
    if (this.#readEpoch < beforeEpoch) this.#emissions = undefined
  }

  /**
   * The person is no longer in the room, unless they opened it at that read epoch or later: then they came back. While it
   * joins its epoch is not known, and `isRemoved` tells when it is.
   * @returns whether it ended.
   */
  remove(beforeEpoch = Number.POSITIVE_INFINITY): boolean {
    this.#removedBefore = Math.max(this.#removedBefore, beforeEpoch)
    if (this.hasEnded || (this.#state === 'live' && this.#readEpoch >= beforeEpoch)) return false
    if (this.#state === 'joining' && beforeEpoch !== Number.POSITIVE_INFINITY) return false
    this.end('removed')
    return true
  }

  /** Whether word came that whoever opened the room at this epoch is no longer in it. */
  isRemoved(readEpoch: number): boolean {
    return readEpoch < this.#removedBefore
  }

  /** `left`: the device said so. `removed`: it may not hear more. */
  end(how: 'left' | 'removed'): void {
    if (this.hasEnded) return
    this.#state = how
    this.#heldMessages.clear()
    this.#heldEvents = []
    this.#onEnd(this)
  }
}
