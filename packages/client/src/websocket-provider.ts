import {
  type Ack,
  type ClientEventInput,
  type ClientEventName,
  type ClientEventResult,
  type ClientToServerEvents,
  RequestError,
  type RoomId,
  requestErrorFrom,
  type ServerEventName,
  type ServerEventPayload,
  type ServerToClientEvents,
  type WireUser,
} from '@tally/protocol'
import type { Socket } from 'socket.io-client'
import type { ProviderListener, RealtimeEvent, RealtimeProvider, Subscription } from './provider.ts'
import { timed } from './timed.ts'

type TallySocket = Socket<ServerToClientEvents, ClientToServerEvents>

export type WebSocketProviderOptions = {
  /** Where the server is; absent: where the page came from. */
  url?: string | undefined
  listener: ProviderListener
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** A server that is full lets a connection wait for up to 10 s before it says so. */
const CONNECT_TIMEOUT_MS = 20_000
const ACK_TIMEOUT_MS = 10_000

/** Frames over one websocket, by Socket.IO. Its library is loaded when the first connection is made. */
export class WebSocketProvider implements RealtimeProvider {
  readonly transport = 'websocket'
  readonly #options: WebSocketProviderOptions
  #socket: TallySocket | undefined
  #closed = false

  constructor(options: WebSocketProviderOptions) {
    this.#options = options
  }

  async connect(token: string): Promise<WireUser> {
    const { io } = await import('socket.io-client')
    if (this.#closed) throw new RequestError('unavailable')
    const socket: TallySocket = io(this.#options.url ?? '', {
      transports: ['websocket'],
      // Coming back is decided in one place, for every transport: the connection's state machine.
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_TIMEOUT_MS,
    })
    this.#socket = socket
    await opened(socket)
    const { listener } = this.#options
    socket.onAny((event: ServerEventName, payload: ServerEventPayload<ServerEventName>) =>
      listener.onEvent(event, payload),
    )
    socket.on('disconnect', (reason) => {
      if (!this.#closed) listener.onLost(new RequestError('unavailable', { message: reason }))
    })
    return this.authenticate(token)
  }

  async authenticate(token: string): Promise<WireUser> {
    const { user } = await this.#request('authenticate', { token })
    return user
  }

  subscribe(roomId: RoomId): Promise<Subscription> {
    return this.#timed('join-room', { roomId, read: false })
  }

  async unsubscribe(roomId: RoomId): Promise<void> {
    await this.#timed('leave-room', { roomId })
  }

  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    // A sync's answer may be long: its time says little about the next badge.
    return event === 'sync' ? this.#request(event, payload) : this.#timed(event, payload)
  }

  close(): void {
    this.#closed = true
    this.#socket?.disconnect()
  }

  #timed<E extends ClientEventName>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return timed(this.#options, () => this.#request(event, payload))
  }

  #request<E extends ClientEventName>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    const socket = this.#socket
    // Without this check Socket.IO would keep the packet for a connection that never comes.
    if (socket === undefined || !socket.connected) return Promise.reject(new RequestError('unavailable'))
    return new Promise((resolve, reject) => {
      emitWithAck(socket, event, payload, (fault, ack) => {
        // Socket.IO gives up the waiting ones at once when the connection breaks.
        if (fault !== null)
          reject(new RequestError(socket.connected ? 'timeout' : 'unavailable', { cause: fault }))
        else if (ack?.ok === true) resolve(ack)
        else reject(requestErrorFrom(ack?.error))
      })
    })
  }
}

/** Socket.IO's types cannot follow an event whose name is a type parameter; ours, around it, can. */
function emitWithAck<E extends ClientEventName>(
  socket: TallySocket,
  event: E,
  payload: ClientEventInput<E>,
  settle: (fault: Error | null, ack?: Ack<E>) => void,
): void {
  const untyped = socket as unknown as Socket
  untyped.timeout(ACK_TIMEOUT_MS).emit(event, payload, settle)
}

function opened(socket: TallySocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      socket.disconnect()
      reject(new RequestError('unavailable', { cause }))
    }
    socket.once('connect_error', fail)
    socket.once('connect', () => {
      socket.off('connect_error', fail)
      resolve()
    })
  })
}
