import {
  type Attachment,
  type ClientId,
  DEFAULT_MESSAGE_TYPE,
  type Message,
  RequestError,
  type RoomId,
  type Seq,
} from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import { knownOrNew } from './known-or-new.ts'
import type { PendingMessage, Waiting } from './pending-message.ts'
import { Retry } from './retry.ts'

/** What somebody wants to send. */
export type Draft = {
  roomId: RoomId
  text: string
  type?: string | undefined
  replyTo?: Seq | undefined
  attachments?: readonly Attachment[] | undefined
}

/** Told of everything that happens to the messages that wait, as it happens. */
export type SendJournal = {
  /** A message waits, or is another than before. */
  put(message: PendingMessage): void
  /** A message waits no more: it is stored, or was taken back. */
  remove(message: PendingMessage): void
}

export type SendQueueOptions = {
  /** Resolves when it is stored, and known here. @throws RequestError */
  deliver: (message: PendingMessage) => Promise<void>
  /** Whether anything can be delivered from here right now; `resume` is called when it can again. */
  canDeliver: () => boolean
  journal: SendJournal
  /** What is pending in the room changed. */
  onChange: (roomId: RoomId) => void
  /** The token was refused. */
  onUnauthorized: (error: RequestError) => void
  newClientId: () => ClientId
  wallClock: () => Date
  random: () => number
}

/** Messages that wait to be stored, at most. */
const MAX_PENDING = 1_000

type Lane = {
  pending: PendingMessage[]
  inFlight: ClientId | undefined
  readonly retry: Retry
}

/**
 * Messages on their way, room by room in the order in which they were written: each is sent after the one before it
 * was stored or refused. A message whose outcome is unknown is sent again with the same `clientId`, by which the server
 * knows it. Rooms do not wait for each other.
 */
export class SendQueue {
  readonly #options: SendQueueOptions
  readonly #lanes = new Map<RoomId, Lane>()
  /** Messages that wait no more: what is told of them late, by storage or another tab, is of before. */
  readonly #gone = new Set<ClientId>()
  #lastOrder = 0

  constructor(options: SendQueueOptions) {
    this.#options = options
  }

  /** Those that are not stored yet, oldest first. */
  pendingIn(roomId: RoomId): readonly PendingMessage[] {
    return this.#lanes.get(roomId)?.pending ?? []
  }

  /** @throws RequestError `limit_exceeded` when too many wait already. */
  add({ roomId, text, type, replyTo, attachments }: Draft): PendingMessage {
    let waiting = 0
    for (const { pending } of this.#lanes.values()) waiting += pending.length
    if (waiting >= MAX_PENDING) throw new RequestError('limit_exceeded', { details: { limit: MAX_PENDING } })
    const clientId = this.#options.newClientId()
    const now = this.#options.wallClock()
    const message: PendingMessage = {
      key: clientId,
      state: 'sending',
      clientId,
      roomId,
      type: type ?? DEFAULT_MESSAGE_TYPE,
      text,
      createdAt: now.toISOString(),
      order: this.#nextOrder(),
      replyTo,
      attachments,
    }
    this.#put(message)
    return message
  }

  /** Sends a failed message again, after those that wait. The same `clientId`: if it did arrive, it is the same message. */
  retry(roomId: RoomId, clientId: ClientId): void {
    const message = this.#find(roomId, clientId)
    if (message?.state !== 'failed') return
    const { error: _, ...again } = message
    this.#put({ ...again, state: 'sending', order: this.#nextOrder() })
  }

  /** Gives up a message that was not stored. One that is on its way right now cannot be called back. */
  discard({ roomId, clientId }: Waiting): void {
    if (this.#lanes.get(roomId)?.inFlight !== clientId) this.#remove(roomId, clientId)
  }

  /** Gives up everything, also what is on its way: what is answered to that is not waited for. */
  discardAll(): void {
    for (const { roomId, clientId } of this.all()) this.#remove(roomId, clientId)
  }

  /** The message came by another way than its answer. */
  arrived(message: Message): void {
    if (message.clientId !== undefined) this.#remove(message.roomId, message.clientId)
  }

  /** What waited when the app was last there goes out before what was written since, whatever the clocks said. */
  restore(kept: readonly PendingMessage[]): void {
    const since = this.all().filter(({ clientId }) => kept.every((message) => message.clientId !== clientId))
    for (const message of kept) this.accept(message)
    const last = kept.reduce((highest, { order }) => Math.max(highest, order), 0)
    if (since.every(({ order }) => order > last)) return
    for (const message of since) this.#put({ ...message, order: this.#nextOrder() })
  }

  /** A message waits, as another tab has it. */
  accept(message: PendingMessage): void {
    if (this.#gone.has(message.clientId)) return
    this.#lastOrder = Math.max(this.#lastOrder, message.order)
    this.#place(message)
  }

  /** A message waits no more, as another tab knows. */
  forget({ roomId, clientId }: Waiting): void {
    this.#noteGone(clientId)
    this.#takeOut(roomId, clientId)
  }

  /** Everything that waits. */
  all(): PendingMessage[] {
    return [...this.#lanes.values()].flatMap(({ pending }) => pending)
  }

  /** Nobody's messages wait here any more: somebody else uses the device. */
  clear(): void {
    for (const { roomId, clientId } of this.all()) this.#takeOut(roomId, clientId)
  }

  /** The connection is live: whatever waits is sent now. */
  resume(): void {
    for (const [roomId, lane] of this.#lanes) {
      lane.retry.reset()
      this.#pump(roomId, lane)
    }
  }

  /** Stops the clocks. What waits stays, for a later `resume`. */
  pause(): void {
    for (const { retry } of this.#lanes.values()) retry.clear()
  }

  #lane(roomId: RoomId): Lane {
    const empty = (): Lane => ({ pending: [], inFlight: undefined, retry: new Retry(this.#options) })
    return knownOrNew(this.#lanes, roomId, empty)
  }

  #pump(roomId: RoomId, lane: Lane): void {
    if (lane.inFlight !== undefined || lane.retry.isSet || !this.#options.canDeliver()) return
    const next = lane.pending.find(({ state }) => state === 'sending')
    if (next === undefined) return
    lane.inFlight = next.clientId
    this.#options.deliver(next).then(
      () => {
        lane.inFlight = undefined
        lane.retry.reset()
        this.#remove(roomId, next.clientId)
        this.#pump(roomId, lane)
      },
      (error: unknown) => {
        lane.inFlight = undefined
        this.#refused(roomId, lane, { message: next, error })
        this.#pump(roomId, lane)
      },
    )
  }

  #refused(
    roomId: RoomId,
    lane: Lane,
    { message, error }: { message: PendingMessage; error: unknown },
  ): void {
    const refusal = faultFrom(error)
    // It stays at the head of its lane: nothing that was written later may overtake it.
    if (lane.retry.after(refusal, () => this.#pump(roomId, lane))) return
    // Nobody may have taken it back meanwhile.
    if (this.#find(roomId, message.clientId) !== undefined)
      this.#put({ ...message, state: 'failed', error: refusal })
  }

  #find(roomId: RoomId, clientId: ClientId): PendingMessage | undefined {
    return this.#lanes.get(roomId)?.pending.find((entry) => entry.clientId === clientId)
  }

  /** Above every one before, also when the device's clock was put back. */
  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, this.#options.wallClock().getTime())
    return this.#lastOrder
  }

  #put(message: PendingMessage): void {
    this.#options.journal.put(message)
    this.#place(message)
  }

  #place(message: PendingMessage): void {
    const lane = this.#lane(message.roomId)
    const others = lane.pending.filter(({ clientId }) => clientId !== message.clientId)
    lane.pending = [...others, message].sort((a, b) => a.order - b.order)
    this.#options.onChange(message.roomId)
    this.#pump(message.roomId, lane)
  }

  #remove(roomId: RoomId, clientId: ClientId): void {
    const message = this.#find(roomId, clientId)
    if (message === undefined) return
    this.#noteGone(clientId)
    this.#options.journal.remove(message)
    this.#takeOut(roomId, clientId)
  }

  #noteGone(clientId: ClientId): void {
    this.#gone.add(clientId)
    if (this.#gone.size <= MAX_PENDING) return
    for (const oldest of this.#gone) {
      this.#gone.delete(oldest)
      return
    }
  }

  #takeOut(roomId: RoomId, clientId: ClientId): void {
    const lane = this.#lanes.get(roomId)
    const left = lane?.pending.filter((entry) => entry.clientId !== clientId)
    if (lane === undefined || left === undefined || left.length === lane.pending.length) return
    lane.pending = left
    if (left.length === 0 && lane.inFlight === undefined && !lane.retry.isSet) this.#lanes.delete(roomId)
    this.#options.onChange(roomId)
  }
}
