import { EventEmitter } from 'node:events'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { REFUSALS } from '@tally/protocol'
import type { Server, Socket } from 'socket.io'
import type { Admission, Admitted } from './admission.ts'
import { DirectWriter } from './direct-writer.ts'
import { isOriginAllowed } from './origin.ts'
import type { Turnstile } from './turnstile.ts'

type Respond = (error: string | null | undefined, success: boolean) => void

export type EntranceOptions = {
  admission: Admission
  allowedOrigins: readonly string[]
  addressOf: (request: IncomingMessage) => string
}

/**
 * Who may begin a handshake. `cors` alone would cover polling only: a browser opens a websocket to anybody, and only
 * the server can refuse.
 */
export function createEntrance({ admission, allowedOrigins, addressOf }: EntranceOptions) {
  return (request: IncomingMessage, respond: Respond): void => {
    const { origin, host } = request.headers
    if (!isOriginAllowed({ origin, host, allowed: allowedOrigins })) {
      respond(REFUSALS.origin_not_allowed.message, false)
      return
    }
    void admission.admit(addressOf(request)).then((admitted) => {
      if (request.socket.destroyed) respond('The connection is gone.', false)
      else if (admitted === 'admitted') letIn(request, respond)
      else respond(REASONS[admitted], false)
    })
  }
}

/** The answer to the upgrade and the first packet leave in one write. */
function letIn({ socket }: IncomingMessage, respond: Respond): void {
  socket.cork()
  process.nextTick(() => socket.uncork())
  respond(null, true)
}

const REASONS: Record<Exclude<Admitted, 'admitted'>, string> = {
  too_many_of_address: REFUSALS.too_many_connections.message,
  full: REFUSALS.overloaded.message,
}

/** Connections that asked for an upgrade: from then on the http server neither hears nor ends them. */
export class Upgrades {
  readonly #sockets = new Set<Duplex>()

  /**
   * Node takes its own listener off such a connection, and an error that nobody hears ends the process: a client that
   * resets while it waits to be admitted, or that wants to upgrade to something else.
   *
   * @param exit where they wait who end: a network that breaks ends thousands within one turn of the event loop.
   */
  constructor(httpServer: HttpServer, exit: Turnstile) {
    const sockets = this.#sockets
    const emit = leavingThrough(exit)
    // One function for all: thousands of sockets are kept for hours.
    function forget(this: Duplex): void {
      sockets.delete(this)
    }
    httpServer.prependListener('upgrade', (_request, socket) => {
      socket.emit = emit
      socket.on('error', ignore)
      sockets.add(socket)
      socket.on('close', forget)
    })
  }

  /** Resolves when all are closed. A client that is gone, or does not answer, is cut off after `withinMs`. */
  async ended({ withinMs }: { withinMs: number }): Promise<void> {
    const closing = [...this.#sockets].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    )
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, withinMs)
    await Promise.all(closing)
    clearTimeout(timer)
  }
}

function ignore(): void {}

/**
 * What a socket's listeners are told, its end in a turn that has a place for it. What `ws`, Engine.IO, Socket.IO and the
 * session do then takes as long as a message, and a loop that was told of thousands of ends does nothing else in between.
 */
function leavingThrough(exit: Turnstile): EventEmitter['emit'] {
  const { emit } = EventEmitter.prototype
  return function (this: EventEmitter, event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'end' && event !== 'close') return emit.call(this, event, ...args)
    void exit.pass().then(() => emit.call(this, event, ...args))
    return true
  }
}

/** A connection that was let in and has not introduced itself yet. */
export type Newcomer = { readonly address: string; readonly writer: DirectWriter }

/**
 * Counts connections for the admission, remembers where each comes from, and lets go of the request that opened it:
 * Engine.IO would keep it, headers and all, as long as the connection lives.
 */
export function trackConnections(
  io: Server,
  { admission, addressOf }: Pick<EntranceOptions, 'admission' | 'addressOf'>,
): Map<Socket['conn'], Newcomer> {
  const newcomers = new Map<Socket['conn'], Newcomer>()
  io.engine.on('connection', (connection: Socket['conn']) => {
    const address = addressOf(connection.request)
    Object.assign(connection, { request: null })
    newcomers.set(connection, { address, writer: new DirectWriter(connection) })
    admission.opened(address)
    connection.on('close', () => {
      newcomers.delete(connection)
      admission.closed(address)
    })
  })
  return newcomers
}
