import type { ServerEventName, ServerEventPayload } from '@tally/protocol'
import type { Socket } from 'socket.io'
import type { DeviceId } from '../../core/ledger-step.ts'
import type { DirectWriter } from './direct-writer.ts'
import { encodePacket, type Packet } from './packet.ts'

/** What all connections of a node have in common. */
export type ConnectionOptions = {
  /** Bytes waiting for a slow reader above which badge frames are kept back until only the latest is left. */
  highWaterBytes: number
  /** Bytes waiting above which the connection is closed: the client comes back and catches up. */
  maxBufferedBytes: number
  /** Monotonic milliseconds. */
  nowMs: () => number
  /** Told when the connection was closed because nobody reads it. */
  onSlow: (bufferedBytes: number) => void
}

/** The parts of a `ws` socket that Engine.IO does not show. */
type WebSocketTransport = {
  socket: {
    readonly bufferedAmount: number
    ping(): void
    terminate(): void
    on(event: 'pong', listener: () => void): void
  }
}

/** One Socket.IO connection as the rest of the edge uses it: encoded writes, what waits to be read, the round trip. */
export class Connection {
  readonly deviceId: DeviceId
  readonly address: string
  readonly #socket: Socket
  readonly #writer: DirectWriter
  readonly #options: ConnectionOptions
  #ended = false
  #roundTrip: { measured(roundTripMs: number): void } | undefined
  /** When the websocket was pinged, and when the heartbeat began that is not answered yet. */
  #pingedAtMs: number | undefined
  #heartbeatAtMs: number | undefined

  /**
   * @param from.address where it comes from, for limits.
   * @param from.writer everything that is written to it goes this way.
   */
  constructor(
    socket: Socket,
    { address, writer }: { address: string; writer: DirectWriter },
    options: ConnectionOptions,
  ) {
    this.deviceId = `socket:${socket.id}`
    this.address = address
    this.#socket = socket
    this.#writer = writer
    this.#options = options
  }

  /** Bytes written here that the other side has not taken yet, as far as this process can know. */
  get bufferedBytes(): number {
    return this.#writer.queuedBytes + (this.#webSocket?.bufferedAmount ?? 0)
  }

  /** Whether the other side reads so slowly that only what matters most should be written. */
  get isCongested(): boolean {
    return this.bufferedBytes > this.#options.highWaterBytes
  }

  send<E extends ServerEventName>(event: E, payload: ServerEventPayload<E>): void {
    this.write(encodePacket(event, payload))
  }

  write(packet: Packet): void {
    if (this.#canWrite()) this.#writer.write(packet)
  }

  /** Gives an acknowledgement; on a connection that nobody reads it is dropped with everything else. */
  acknowledge(acknowledge: (answer: object) => void, answer: object): void {
    if (this.#canWrite()) acknowledge(answer)
  }

  /**
   * Measures the round trip right away, after a change of transport, and with each heartbeat. A websocket answers a ping
   * by itself; over polling the heartbeat's own answer is measured, which includes the wait for the next poll.
   */
  measureRoundTrip(roundTrip: { measured(roundTripMs: number): void }): void {
    const { conn } = this.#socket
    this.#roundTrip = roundTrip
    if (conn.transport.name === 'polling') {
      conn.on('packetCreate', ({ type }: { type?: string }) => {
        if (type === 'ping') this.#heartbeatAtMs = this.#options.nowMs()
      })
      conn.on('upgrade', () => this.#measureWebSocket())
    }
    conn.on('heartbeat', () => {
      if (this.#webSocket !== undefined) this.#ping()
      else if (this.#heartbeatAtMs !== undefined) this.#measuredFrom(this.#heartbeatAtMs)
    })
    this.#measureWebSocket()
  }

  /** Ends it in a way after which clients come back by themselves, as soon as the transport took what was written. */
  close(): void {
    this.#socket.conn.close()
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    const { conn } = this.#socket
    return new Promise((resolve) => {
      if (conn.readyState === 'closed') resolve()
      else conn.once('close', () => resolve())
    })
  }

  /** Ends it in a way after which clients stay away. What was written before arrives first. */
  closeForGood(): void {
    this.#socket.disconnect(true)
  }

  #measureWebSocket(): void {
    this.#webSocket?.on('pong', () => {
      if (this.#pingedAtMs !== undefined) this.#measuredFrom(this.#pingedAtMs)
      this.#pingedAtMs = undefined
    })
    this.#ping()
  }

  #measuredFrom(sinceMs: number): void {
    this.#roundTrip?.measured(this.#options.nowMs() - sinceMs)
  }

  #ping(): void {
    const webSocket = this.#webSocket
    if (webSocket === undefined) return
    this.#pingedAtMs = this.#options.nowMs()
    webSocket.ping()
  }

  get #webSocket(): WebSocketTransport['socket'] | undefined {
    const { transport } = this.#socket.conn
    return transport.name === 'websocket' ? (transport as unknown as WebSocketTransport).socket : undefined
  }

  // Looked at before a write, not after: one large answer to a reader that keeps up is no reason to end anything.
  #canWrite(): boolean {
    if (this.#ended) return false
    const { bufferedBytes } = this
    if (bufferedBytes <= this.#options.maxBufferedBytes) return true
    this.#ended = true
    this.#options.onSlow(bufferedBytes)
    // An orderly close would wait behind everything that is not being read.
    const webSocket = this.#webSocket
    if (webSocket === undefined) this.#socket.conn.close(true)
    else webSocket.terminate()
    return false
  }
}
