import {
  type ClientId,
  DEFAULT_MESSAGE_TYPE,
  type Message,
  RequestError,
  type RoomId,
  type Seq,
} from '@tally/protocol'
import { backOffMs } from './back-off.ts'

/** A message that is not stored yet, as its writer sees it. */
export type PendingMessage = {
  /** Keeps naming it when it is sent: for lists on a screen. */
  key: string
  state: 'sending' | 'failed'
  clientId: ClientId
  roomId: RoomId
  type: string
  text: string
  replyTo?: Seq
  /** By this device's clock; the server gives it its time and its place. */
  createdAt: string
  /** Why it failed. */
  error?: RequestError
}

/** What somebody wants to send. */
export type Draft = { roomId: RoomId; text: string; type?: string | undefined; replyTo?: Seq | undefined }

export type SendQueueOptions = {
  /** Resolves when it is stored, and known here. @throws RequestError */
  deliver: (message: PendingMessage) => Promise<unknown>
  /** Whether anything can be delivered right now; `resume` is called when it can again. */
  isLive: () => boolean
  /** What is pending in the room changed. */
  onChange: (roomId: RoomId) => void
  /** The token was refused. */
  onUnauthorized: (error: RequestError) => void
  newClientId: () => ClientId
  isoNow: () => string
  random: () => number
}

/** Messages that wait to be stored, at most. */
const MAX_PENDING = 1_000

type Lane = {
  pending: PendingMessage[]
  inFlight: ClientId | undefined
  failures: number
  timer: ReturnType<typeof setTimeout> | undefined
}

/**
 * Messages on their way, room by room in the order in which they were written: each is sent after the one before it
 * was stored or refused. A message whose outcome is unknown is sent again with the same `clientId`, by which the server
 * knows it. Rooms do not wait for each other.
 */
export class SendQueue {
  readonly #options: SendQueueOptions
  readonly #lanes = new Map<RoomId, Lane>()

  constructor(options: SendQueueOptions) {
    this.#options = options
  }

  /** Those that are not stored yet, oldest first. */
  pendingIn(roomId: RoomId): readonly PendingMessage[] {
    return this.#lanes.get(roomId)?.pending ?? []
  }

  /** @throws RequestError `limit_exceeded` when too many wait already. */
  add({ roomId, text, type, replyTo }: Draft): PendingMessage {
    let waiting = 0
    for (const { pending } of this.#lanes.values()) waiting += pending.length
    if (waiting >= MAX_PENDING) throw new RequestError('limit_exceeded', { details: { limit: MAX_PENDING } })
    const clientId = this.#options.newClientId()
    const message: PendingMessage = {
      key: clientId,
      state: 'sending',
      clientId,
      roomId,
      type: type ?? DEFAULT_MESSAGE_TYPE,
      text,
      createdAt: this.#options.isoNow(),
      ...(replyTo === undefined ? {} : { replyTo }),
    }
    const lane = this.#lane(roomId)
    lane.pending = [...lane.pending, message]
    this.#options.onChange(roomId)
    this.#pump(roomId, lane)
    return message
  }

  /** Sends a failed message again, after those that wait. The same `clientId`: if it did arrive, it is the same message. */
  retry(roomId: RoomId, clientId: ClientId): void {
    const lane = this.#lanes.get(roomId)
    const message = lane?.pending.find((entry) => entry.clientId === clientId)
    if (lane === undefined || message?.state !== 'failed') return
    const { error: _, ...again } = message
    lane.pending = [...lane.pending.filter((entry) => entry !== message), { ...again, state: 'sending' }]
    this.#options.onChange(roomId)
    this.#pump(roomId, lane)
  }

  /** Gives up a message that was not stored. One that is on its way right now cannot be called back. */
  discard(roomId: RoomId, clientId: ClientId): void {
    const lane = this.#lanes.get(roomId)
    if (lane !== undefined && lane.inFlight !== clientId) this.#remove(roomId, lane, clientId)
  }

  /** The message came by another way than its answer. */
  arrived(message: Message): void {
    const { roomId, clientId } = message
    const lane = this.#lanes.get(roomId)
    if (lane !== undefined && clientId !== undefined) this.#remove(roomId, lane, clientId)
  }

  /** The connection is live: whatever waits is sent now. */
  resume(): void {
    for (const [roomId, lane] of this.#lanes) {
      clearTimeout(lane.timer)
      lane.timer = undefined
      lane.failures = 0
      this.#pump(roomId, lane)
    }
  }

  /** Stops the clocks. What waits stays, for a later `resume`. */
  pause(): void {
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.timer)
      lane.timer = undefined
    }
  }

  #lane(roomId: RoomId): Lane {
    const known = this.#lanes.get(roomId)
    if (known !== undefined) return known
    const lane: Lane = { pending: [], inFlight: undefined, failures: 0, timer: undefined }
    this.#lanes.set(roomId, lane)
    return lane
  }

  #pump(roomId: RoomId, lane: Lane): void {
    if (lane.inFlight !== undefined || lane.timer !== undefined || !this.#options.isLive()) return
    const next = lane.pending.find(({ state }) => state === 'sending')
    if (next === undefined) return
    lane.inFlight = next.clientId
    this.#options.deliver(next).then(
      () => {
        lane.inFlight = undefined
        lane.failures = 0
        this.#remove(roomId, lane, next.clientId)
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
    const refusal = error instanceof RequestError ? error : new RequestError('unavailable', { cause: error })
    if (refusal.retry === 'later' || refusal.retry === 'after_auth') {
      // It stays at the head of its lane: nothing that was written later may overtake it.
      const random = this.#options.random()
      const delayMs = Math.max(refusal.retryAfterMs ?? 0, backOffMs({ failures: lane.failures++, random }))
      lane.timer = setTimeout(() => {
        lane.timer = undefined
        this.#pump(roomId, lane)
      }, delayMs)
      if (refusal.retry === 'after_auth') this.#options.onUnauthorized(refusal)
      return
    }
    lane.pending = lane.pending.map((entry) =>
      entry.clientId === message.clientId ? { ...entry, state: 'failed', error: refusal } : entry,
    )
    this.#options.onChange(roomId)
  }

  #remove(roomId: RoomId, lane: Lane, clientId: ClientId): void {
    const left = lane.pending.filter((entry) => entry.clientId !== clientId)
    if (left.length === lane.pending.length) return
    lane.pending = left
    if (left.length === 0 && lane.inFlight === undefined && lane.timer === undefined)
      this.#lanes.delete(roomId)
    this.#options.onChange(roomId)
  }
}
