import type { Socket as NetSocket } from 'node:net'
import type { Socket } from 'socket.io'
import { frameOf, type Packet } from './packet.ts'

type EngineSocket = Socket['conn']

/** The parts of Engine.IO and `ws` that a direct write has to look at, and that they do not show. */
type EngineParts = {
  readonly readyState: string
  readonly writeBuffer: readonly unknown[]
  readonly transport: {
    readonly name: string
    readonly socket?: { readyState: number; _socket: NetSocket | null }
  }
}

// What these tell is already small or encrypted, and a compressor per socket costs more memory than the session.
const UNCOMPRESSED = { compress: false }
const WEBSOCKET_OPEN = 1

/**
 * Writes packets of Socket.IO to their websocket. Engine.IO hands one packet at a time to the kernel and waits with the
 * next one until that was taken, so that a row, the total after it and an acknowledgement are three writes, and the
 * writes are what a message costs most. Here everything that one turn of the event loop has for a connection leaves in
 * one write, at the end of that turn.
 *
 * What Engine.IO still holds goes first, and so does everything over polling or while a connection changes over.
 */
export class DirectWriter {
  readonly #conn: EngineSocket
  /** What Engine.IO held when it was last given something, and the bytes of it that came from here. */
  #queue: readonly unknown[] | undefined
  #queuedBytes = 0

  constructor(conn: EngineSocket) {
    this.#conn = conn
    // Acknowledgements, which Socket.IO writes, take the same way.
    conn.write = (data, options, callback) => {
      const socket = typeof data === 'string' && callback === undefined ? this.#openSocket() : undefined
      if (socket === undefined) this.#writeByEngine(data, options, callback)
      else writeTogether(socket, frameOf(data))
      return conn
    }
  }

  /** Bytes that Engine.IO has not handed to the transport yet. */
  get queuedBytes(): number {
    // It begins a new list when it hands the old one on, which would be kept here for as long as nothing follows.
    if (this.#engine.writeBuffer !== this.#queue) {
      this.#queue = undefined
      this.#queuedBytes = 0
    }
    return this.#queuedBytes
  }

  write(packet: Packet): void {
    const socket = this.#openSocket()
    if (socket === undefined) this.#writeByEngine(packet.text, UNCOMPRESSED)
    else writeTogether(socket, packet.frame)
  }

  #writeByEngine(...[data, options, callback]: Parameters<EngineSocket['write']>): void {
    const queue = this.#engine.writeBuffer
    if (queue !== this.#queue) this.#queuedBytes = 0
    this.#queue = queue
    if (typeof data === 'string') this.#queuedBytes += Buffer.byteLength(data)
    this.#conn.send(data, options, callback)
  }

  get #engine(): EngineParts {
    return this.#conn as unknown as EngineParts
  }

  /** The socket below, where nothing stands between it and a packet. */
  #openSocket(): NetSocket | undefined {
    const { readyState, writeBuffer, transport } = this.#engine
    if (readyState !== 'open' || writeBuffer.length > 0 || transport.name !== 'websocket') return undefined
    const { socket } = transport
    return socket?.readyState === WEBSOCKET_OPEN ? (socket._socket ?? undefined) : undefined
  }
}

/** What is written before this turn of the event loop ends leaves together. */
function writeTogether(socket: NetSocket, frame: Buffer): void {
  if (socket.writableCorked === 0) {
    socket.cork()
    process.nextTick(uncork, socket)
  }
  socket.write(frame)
}

function uncork(socket: NetSocket): void {
  socket.uncork()
}
