import type { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'

type Listeners = Record<string | symbol, unknown>
type Emitter = EventEmitter & { _events: Listeners }

/** What the libraries keep for a connection, and do not show. */
type Parts = Emitter & {
  fns: unknown[]
  client: { decoder: { _callbacks: Record<string, unknown[]> } }
  conn: Emitter & { cleanupFn: unknown[]; transport: Emitter & { name: string; socket?: Emitter } }
}

/** No frame of the server asks for an acknowledgement, so nobody needs a list of their own of those to come. */
class NoAcknowledgements extends Map<number, () => void> {
  override set(): never {
    throw new Error('a trimmed connection has no acknowledgements to wait for')
  }
}
const NO_ACKNOWLEDGEMENTS = new NoAcknowledgements()

/**
 * Cuts what Socket.IO, Engine.IO and `ws` keep for a connection down to what it needs while it stands: nearly all of a
 * connection's memory is theirs. Without its handshake and without acknowledgements it is as before. To be called once its
 * listeners are there.
 */
export function trimConnection(socket: Socket): void {
  const { fns, client, conn } = socket as unknown as Parts
  const { transport } = conn
  // What a connection began with: a request and its headers.
  Object.assign(socket, { handshake: undefined, acks: NO_ACKNOWLEDGEMENTS })
  // A list that something is pushed to gets room for seventeen, and these hold one.
  Object.assign(socket, { fns: fns.slice() })
  Object.assign(conn, { cleanupFn: conn.cleanupFn.slice() })
  const { _callbacks } = client.decoder
  for (const event of Object.keys(_callbacks)) _callbacks[event] = _callbacks[event]?.slice() ?? []
  shrinkListeners(socket as unknown as Emitter)
  shrinkListeners(conn)
  if (transport.name !== 'websocket' || transport.socket === undefined) return
  // Told when an answer over HTTP is given, of which a websocket has no more.
  transport.removeAllListeners('headers')
  shrinkListeners(transport)
  shrinkListeners(transport.socket)
}

/**
 * Node keeps listeners in a table with room to grow, of some hundred bytes for each connection. The same in an object whose
 * shape all connections share takes a quarter.
 */
function shrinkListeners(emitter: Emitter): void {
  emitter._events = Object.setPrototypeOf({ ...emitter._events }, null)
}
