import {
  type Change,
  type ClientEventInput,
  type ClientEventResult,
  formatNamedRooms,
  HEADERS,
  LIMITS,
  type NamedRoom,
  RequestError,
  type Rev,
  type RoomId,
  type SyncAnswer,
  type WireUser,
} from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import type { HttpApi } from './http-api.ts'
import { wireMessageOf } from './message-register.ts'
import { type Polled, PollLoop } from './poll-loop.ts'
import type { ProviderListener, RealtimeEvent, RealtimeProvider, Subscription } from './provider.ts'
import { userOfToken } from './token-claims.ts'

export type PollingProviderOptions = {
  http: HttpApi
  listener: ProviderListener
  /** Whether polls may wait at the server. */
  longPoll: boolean
  /** Monotonic milliseconds. */
  nowMs: () => number
  random: () => number
}

/** Beyond the waiting itself: the way there and back, and the server's work. */
const ANSWER_WITHIN_MS = 10_000

type Handlers = {
  readonly [E in RealtimeEvent]: (payload: ClientEventInput<E>) => Promise<ClientEventResult<E>>
}

/** News by plain HTTP, without any state at the server: what moved since the last answer is asked for again and again. */
export class PollingProvider implements RealtimeProvider {
  readonly transport = 'polling'
  readonly #options: PollingProviderOptions
  readonly #loop: PollLoop
  readonly #handlers: Handlers
  /** The rooms whose messages are wanted, each with the change up to which they were told. */
  readonly #rooms = new Map<RoomId, Change>()
  #since: Rev | undefined
  #etag: string | null = null
  #isClosed = false

  constructor(options: PollingProviderOptions) {
    this.#options = options
    this.#handlers = this.#makeHandlers()
    this.#loop = new PollLoop({
      ...options,
      poll: (how) => this.#poll(how),
      onFault: (error) => options.listener.onLost(faultFrom(error)),
    })
  }

  /** The badge is the cheapest thing that the server tells those alone whom it knows, and tells from where to go on. */
  async connect(token: string): Promise<WireUser> {
    const user = await this.authenticate(token)
    if (!this.#isClosed) this.#loop.start()
    return user
  }

  async authenticate(token: string): Promise<WireUser> {
    const user = userOfToken(token)
    if (user === undefined)
      throw new RequestError('unauthorized', { message: 'The token is no JWT of a person.' })
    const { rev } = await this.#options.http.call('readBadge', {})
    this.#since ??= rev
    return user
  }

  async subscribe(roomId: RoomId): Promise<Subscription> {
    const room = await this.#timed(() => this.#options.http.call('readRoom', { params: { roomId } }))
    if (!('me' in room)) throw new RequestError('room_not_found')
    const { seq, change, me } = room
    // Another tab may have it already, told up to an earlier change.
    if (!this.#rooms.has(roomId)) this.#rooms.set(roomId, change)
    this.#loop.askAnew()
    return { roomId, seq, readSeq: me.readSeq, readEpoch: me.readEpoch, isOpen: false }
  }

  async unsubscribe(roomId: RoomId): Promise<void> {
    if (this.#rooms.delete(roomId)) this.#loop.askAnew()
  }

  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return this.#handlers[event](payload)
  }

  close(): void {
    this.#isClosed = true
    this.#loop.stop()
  }

  #makeHandlers(): Handlers {
    const { http } = this.#options
    return {
      sync: ({ rooms, since, next }) => http.call('sync', { query: { ...namedIn(rooms), since, next } }),
      'send-message': ({ roomId, message: text, messageType, clientId, replyTo, attachments }) =>
        this.#done(async () => {
          const body = {
            text,
            ...(messageType == null ? {} : { type: messageType }),
            ...(clientId == null ? {} : { clientId }),
            ...(replyTo == null ? {} : { replyTo }),
            ...(attachments == null ? {} : { attachments }),
          }
          const message = await http.call('sendMessage', { params: { roomId }, body })
          return { message: wireMessageOf(message) }
        }),
      'mark-read': ({ roomId, ...body }) =>
        this.#done(() => http.call('markRead', { params: { roomId }, body })),
      typing: async ({ roomId, typing }) => {
        await http.call('typing', { params: { roomId }, body: { typing } })
        return {}
      },
      // Nobody holds a connection to which this could be told; what it means here is that nobody looks.
      visibility: async ({ visible }) => {
        this.#loop.setPaused(!visible)
        return {}
      },
    }
  }

  /** The next poll shows what it changed. */
  async #done<T>(request: () => Promise<T>): Promise<T> {
    const result = await this.#timed(request)
    this.#loop.soon()
    return result
  }

  async #timed<T>(request: () => Promise<T>): Promise<T> {
    const { nowMs, listener } = this.#options
    const askedAtMs = nowMs()
    const result = await request()
    if (!this.#isClosed) listener.onRoundTrip(nowMs() - askedAtMs)
    return result
  }

  async #poll({ waitSeconds, signal }: { waitSeconds: number; signal: AbortSignal }): Promise<Polled> {
    const asked = [...this.#rooms]
      .slice(-LIMITS.syncNamedRooms)
      .map(([roomId, change]): NamedRoom => ({ roomId, change }))
    const query = {
      ...namedIn(asked),
      since: this.#since,
      ...(waitSeconds === 0 ? {} : { wait: waitSeconds }),
    }
    const polled = await this.#options.http.exchange(
      'sync',
      { query },
      {
        signal,
        timeoutMs: waitSeconds * 1_000 + ANSWER_WITHIN_MS,
        ...(this.#etag === null ? {} : { headers: { 'if-none-match': this.#etag } }),
      },
    )
    if (polled.kind === 'unmoved')
      return { moved: false, hintMs: numberIn(polled.header(HEADERS.nextPollMs)) }
    const { body: answer } = polled
    this.#etag = polled.header('etag')
    return { moved: this.#apply(answer, asked), hintMs: answer.nextPollMs }
  }

  /** @returns whether there was anything to tell. */
  #apply(answer: SyncAnswer, asked: readonly NamedRoom[]): boolean {
    const moved =
      answer.rev !== this.#since || Object.values(answer.messages).some(({ length }) => length > 0)
    this.#since = answer.rev
    for (const { roomId } of asked) {
      const change = answer.changes[roomId]
      if (change !== undefined && this.#rooms.has(roomId)) this.#rooms.set(roomId, change)
    }
    if (!this.#isClosed) this.#options.listener.onNews({ answer, asked })
    return moved
  }
}

function namedIn(rooms: Parameters<typeof formatNamedRooms>[0] | undefined): { rooms?: string } {
  return rooms === undefined || rooms.length === 0 ? {} : { rooms: formatNamedRooms(rooms) }
}

function numberIn(header: string | null): number | undefined {
  const value = header === null ? Number.NaN : Number(header)
  return Number.isFinite(value) ? value : undefined
}
