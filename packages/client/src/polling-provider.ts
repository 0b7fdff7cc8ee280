import {
  type Change,
  CLIENT_LIMITS,
  type ClientEventInput,
  type ClientEventResult,
  formatNamedRooms,
  formatOpenRooms,
  HEADERS,
  type NamedRoom,
  type OpenRoom,
  type ReadEpoch,
  RequestError,
  type Rev,
  type RoomId,
  type SyncAnswer,
  type WireUser,
} from '@tally/protocol'
import { newClientId } from './client-id.ts'
import { faultFrom } from './connection-fault.ts'
import type { HttpApi } from './http-api.ts'
import { wireMessageOf } from './message-register.ts'
import { type Polled, PollLoop } from './poll-loop.ts'
import type { ProviderListener, RealtimeEvent, RealtimeProvider, Subscription } from './provider.ts'
import { timed } from './timed.ts'
import { userOfToken } from './token-claims.ts'

export type PollingProviderOptions = {
  http: HttpApi
  listener: ProviderListener
  /** Whether polls may wait at the server. */
  longPoll: boolean
  /** Monotonic milliseconds. */
  nowMs: () => number
  wallClock: () => Date
  random: () => number
}

/** Beyond the waiting itself: the way there and back, and the server's work. */
const ANSWER_WITHIN_MS = 10_000

type Handlers = {
  readonly [E in RealtimeEvent]: (payload: ClientEventInput<E>) => Promise<ClientEventResult<E>>
}

/**
 * News by plain HTTP: what moved since the last answer is asked for again and again, from whichever node answers. The rooms
 * that are shown count as open for as long as it is asked.
 */
export class PollingProvider implements RealtimeProvider {
  readonly transport = 'polling'
  readonly #options: PollingProviderOptions
  readonly #loop: PollLoop
  readonly #handlers: Handlers
  /** By which the server tells this device from others of the person that poll. */
  readonly #device: string
  /** The rooms that are shown: up to which change they were told, and the read epoch of the visit. */
  readonly #rooms = new Map<RoomId, { change: Change; readEpoch: ReadEpoch }>()
  #isVisible = true
  /** Whether the server may take a room to be open here; then it has to be told that none is any more. */
  #mayBeOpen = false
  /** Says so; what comes after it must not overtake it. */
  #closing: Promise<void> = Promise.resolve()
  #since: Rev | undefined
  #etag: string | null = null
  #isClosed = false

  constructor(options: PollingProviderOptions) {
    this.#options = options
    this.#device = newClientId(options)
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
    const { rev } = await this.#options.http.call('GET /v1/badge', {})
    this.#since ??= rev
    return user
  }

  async subscribe(roomId: RoomId): Promise<Subscription> {
    const room = await timed(this.#options, () =>
      this.#options.http.call('GET /v1/rooms/:roomId', { params: { roomId } }),
    )
    if (!('me' in room)) throw new RequestError('room_not_found')
    const { seq, change, me } = room
    const { readSeq, readEpoch } = me
    // Another tab may have it already, told up to an earlier change.
    this.#rooms.set(roomId, { change: this.#rooms.get(roomId)?.change ?? change, readEpoch })
    this.#loop.askAnew()
    return { roomId, seq, readSeq, readEpoch, room, rowsCome: true }
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
    void this.#closeRooms()
  }

  #makeHandlers(): Handlers {
    const { http } = this.#options
    return {
      sync: ({ rooms, since, next }) =>
        http.call('GET /v1/sync', { query: { rooms: namedIn(rooms), since, next } }),
      'send-message': ({ roomId, message: text, messageType, clientId, replyTo, attachments }) =>
        this.#done(async () => {
          const body = {
            text,
            type: messageType ?? undefined,
            clientId: clientId ?? undefined,
            replyTo: replyTo ?? undefined,
            attachments: attachments ?? undefined,
          }
          const message = await http.call('POST /v1/rooms/:roomId/messages', { params: { roomId }, body })
          return { message: wireMessageOf(message) }
        }),
      'mark-read': ({ roomId, ...body }) =>
        this.#done(() => http.call('POST /v1/rooms/:roomId/read', { params: { roomId }, body })),
      'mark-delivered': async (body) => {
        await http.call('POST /v1/delivered', { body })
        return {}
      },
      typing: async ({ roomId, typing }) => {
        await http.call('POST /v1/rooms/:roomId/typing', { params: { roomId }, body: { typing } })
        return {}
      },
      // Nobody looks: nothing is asked, and no room is open.
      visibility: async ({ visible }) => {
        this.#isVisible = visible
        if (!visible) {
          this.#loop.setPaused(true)
          this.#closing = this.#closeRooms()
        }
        await this.#closing
        this.#loop.setPaused(!this.#isVisible)
        return {}
      },
    }
  }

  /** The next poll shows what it changed. */
  async #done<T>(request: () => Promise<T>): Promise<T> {
    const result = await timed(this.#options, request)
    this.#loop.soon()
    return result
  }

  /** Whoever cannot say so shows nothing any more as soon as the server notices that nobody asks. */
  async #closeRooms(): Promise<void> {
    if (!this.#mayBeOpen) return
    this.#mayBeOpen = false
    const query = { device: this.#device, since: this.#since, open: '' }
    await this.#options.http.exchange('GET /v1/sync', { query }).catch(() => {})
  }

  /** The rooms that are shown. */
  #open(): string {
    const shown = this.#isVisible ? [...this.#rooms].slice(-CLIENT_LIMITS.syncNamedRooms) : []
    return formatOpenRooms(shown.map(([roomId, { readEpoch }]): OpenRoom => ({ roomId, readEpoch })))
  }

  async #poll({ waitSeconds, signal }: { waitSeconds: number; signal: AbortSignal }): Promise<Polled> {
    const asked = [...this.#rooms]
      .slice(-CLIENT_LIMITS.syncNamedRooms)
      .map(([roomId, { change }]): NamedRoom => ({ roomId, change }))
    const open = this.#open()
    const opens = open !== ''
    const query = {
      rooms: namedIn(asked),
      open: opens || this.#mayBeOpen ? open : undefined,
      device: this.#device,
      since: this.#since,
      wait: waitSeconds || undefined,
    }
    this.#mayBeOpen ||= opens
    const polled = await this.#options.http.exchange(
      'GET /v1/sync',
      { query },
      {
        signal,
        timeoutMs: waitSeconds * 1_000 + ANSWER_WITHIN_MS,
        headers: this.#etag ? { 'if-none-match': this.#etag } : undefined,
      },
    )
    this.#mayBeOpen = opens
    if (polled.kind === 'unmoved') {
      if (!this.#isClosed) this.#options.listener.onNews(null, numberIn(polled.header(HEADERS.activeUsers)))
      return { moved: false, hintMs: numberIn(polled.header(HEADERS.nextPollMs)) }
    }
    const { body: answer } = polled
    const etag = polled.header('etag')
    // The etag names everything that can move; without one (a proxy took it away) the rev is most of it.
    const moved = answer.rev !== this.#since || etag !== this.#etag
    this.#etag = etag
    this.#apply(answer, asked)
    return { moved, hintMs: answer.nextPollMs }
  }

  #apply(answer: SyncAnswer, asked: readonly NamedRoom[]): void {
    this.#since = answer.rev
    for (const { roomId } of asked) {
      const change = answer.changes[roomId]
      const shown = this.#rooms.get(roomId)
      if (change !== undefined && shown !== undefined) this.#rooms.set(roomId, { ...shown, change })
    }
    if (!this.#isClosed) this.#options.listener.onNews({ answer, asked }, answer.activeUsers)
  }
}

function namedIn(rooms: Parameters<typeof formatNamedRooms>[0] = []): string | undefined {
  return formatNamedRooms(rooms) || undefined
}

function numberIn(header: string | null): number | undefined {
  const value = header === null ? Number.NaN : Number(header)
  return Number.isFinite(value) ? value : undefined
}
