import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { ActionContext } from '../../actions/context.ts'
import { listMissedChanges } from '../../actions/list-missed-changes.ts'
import { listMissedMessages } from '../../actions/list-missed-messages.ts'
import type { AuthenticatedUser } from '../identity.ts'
import { Admission } from './admission.ts'
import { BadgeSender } from './badge-sender.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { drainSessions } from './drain.ts'
import { createEntrance, type Newcomer, trackConnections, Upgrades } from './entrance.ts'
import { createFrameRouter } from './frame-router.ts'
import { People } from './people.ts'
import { RoomStreams } from './room-streams.ts'
import { Session } from './session.ts'
import type { SocketServices } from './socket-services.ts'
import { trimConnection } from './trim-connection.ts'
import { Turnstile } from './turnstile.ts'
import { Typists } from './typists.ts'

/** What an operator decides about sockets; the limits are in `ctx.limits`. */
type SocketEdgeConfig = {
  readonly allowedOrigins: readonly string[]
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  readonly singleSession: boolean
  readonly badgeDebounceDelayMs: number
  readonly badgeMaxBatchSize: number
  readonly maxConnections: number
  readonly connectionsPerSecond: number
}

export type SocketEdgeOptions = {
  /** Its other request listeners have to be there already: what is not ours is passed on to them. */
  readonly httpServer: HttpServer
  readonly ctx: ActionContext
  readonly identity: { authenticate(token: string): Promise<AuthenticatedUser> }
  readonly config: SocketEdgeConfig
  /** The address a request comes from, as far as the proxies in front are believed. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Told of each room row that was written because of a message: the time since its acceptance. */
  readonly onBadgeSent?: (sent: { latencyMs: number }) => void
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number
}

export type SocketEdge = {
  readonly connectionCount: number
  /**
   * Sends everybody away over `spreadMs`, each after what they started is over, in a way after which clients come back
   * by themselves; nobody new is let in.
   */
  drain(options: { spreadMs: number }): Promise<void>
  /** Ends what is still connected. The http server stays its owner's to close. */
  close(): Promise<void>
}

/** Installed apps try 5 times in about 15 s and then stay dark, so a full server lets them wait rather than fail. */
const ADMISSION_WAIT_MS = 10_000
const CHECK_TIMES_EVERY_MS = 1_000
/** How long a client may take to agree that its connection ends: one that vanished never does. */
const CLOSE_WITHIN_MS = 2_000
/** Two for each connection, its end and its close: hardly a millisecond of the node for all of them. */
const ENDS_PER_TURN = 20
/** A step of the ledger each: hardly a millisecond of the node for all of them. */
const DEPARTURES_PER_TURN = 20
/** A quarter of what may be buffered: enough for a burst on a good connection. */
const HIGH_WATER_SHARE = 0.25

/** The Socket.IO edge of a node, on path `/socket.io/`. (docs/PROTOCOL.md, "Socket.IO".) */
export function createSocketEdge(options: SocketEdgeOptions): SocketEdge {
  const { ctx, config, nowMs = () => performance.now() } = options
  const services = createServices(options, nowMs)
  const sessions = new Set<Session>()
  const admission = new Admission({
    maxConnections: config.maxConnections,
    maxPerAddress: ctx.limits.connectionsPerAddress,
    connectionsPerSecond: config.connectionsPerSecond,
    maxWaitMs: ADMISSION_WAIT_MS,
    nowMs,
  })
  const upgrades = new Upgrades(options.httpServer, new Turnstile({ perTurn: ENDS_PER_TURN }))
  const io = createServer(options, admission)
  const newcomers = trackConnections(io, { admission, addressOf: options.addressOf })
  const shared = {
    highWaterBytes: ctx.limits.socketBufferBytes * HIGH_WATER_SHARE,
    maxBufferedBytes: ctx.limits.socketBufferBytes,
    nowMs,
    onSlow: (bufferedBytes: number) => ctx.log.info({ bufferedBytes }, 'closed a socket that does not read'),
  }
  io.on('connection', (socket) => {
    const newcomer = newcomers.get(socket.conn)
    newcomers.delete(socket.conn)
    // Undefined the second time: one connection is one session, however often it introduces itself.
    if (newcomer === undefined) socket.conn.close()
    else openSession(socket, { services, sessions, newcomer, shared })
  })
  const stopFrames = ctx.bus.onFrames(createFrameRouter(services))
  const timer = setInterval(() => {
    for (const session of sessions) session.checkTimes()
    services.typists.expire()
  }, CHECK_TIMES_EVERY_MS)

  return {
    get connectionCount() {
      return sessions.size
    },
    async drain({ spreadMs }) {
      admission.close()
      await drainSessions([...sessions], { spreadMs, nowMs })
    },
    async close() {
      admission.close()
      clearInterval(timer)
      stopFrames()
      const closing = [...sessions].map((session) => session.close())
      io.engine.close()
      await Promise.all(closing)
      await upgrades.ended({ withinMs: CLOSE_WITHIN_MS })
    },
  }
}

/** What the sessions of a node share, for whoever brings its connections. */
export function createServices(
  options: Pick<SocketEdgeOptions, 'ctx' | 'identity' | 'config' | 'onBadgeSent'>,
  nowMs: () => number,
): SocketServices {
  const { ctx, identity, config, onBadgeSent } = options
  const streams = new RoomStreams({
    readMissed: ({ userId, ...range }) => listMissedMessages(ctx, { userId }, range),
    readChanged: ({ userId, ...range }) => listMissedChanges(ctx, { userId }, range),
    nowMs,
    onError: (error) => ctx.log.warn({ err: error }, 'messages of a room could not be read'),
  })
  return {
    ctx,
    identity,
    nowMs,
    singleSession: config.singleSession,
    people: new People(),
    limits: new ConnectionLimits({ ...ctx.limits, now: ctx.now }),
    departures: new Turnstile({ perTurn: DEPARTURES_PER_TURN }),
    streams,
    typists: new Typists({
      // Twice: whoever goes on typing is told again within half of the time that follows their last signal.
      ttlMs: 2 * ctx.limits.typingTtlMs,
      nowMs,
      tell: (event) => streams.event(event),
    }),
    badges: new BadgeSender({
      limits: { delayMs: config.badgeDebounceDelayMs, maxBatch: config.badgeMaxBatchSize },
      nowMs,
      onSent: ({ acceptedAtMs }) => {
        if (acceptedAtMs !== undefined) onBadgeSent?.({ latencyMs: nowMs() - acceptedAtMs })
      },
    }),
  }
}

function createServer(options: SocketEdgeOptions, admission: Admission): Server {
  const { httpServer, ctx, config } = options
  const { allowedOrigins } = config
  return new Server(httpServer, {
    path: '/socket.io/',
    serveClient: false,
    transports: ['websocket', 'polling'],
    // Compression costs memory per socket, and what is never inflated cannot be a bomb.
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: ctx.limits.frameBytes,
    pingInterval: config.pingIntervalMs,
    pingTimeout: config.pingTimeoutMs,
    connectTimeout: ctx.limits.authenticateTimeoutMs,
    cors: { origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins] },
    allowRequest: createEntrance({ admission, allowedOrigins, addressOf: options.addressOf }),
  })
}

type OpenSession = {
  services: SocketServices
  sessions: Set<Session>
  newcomer: Newcomer
  shared: ConnectionOptions
}

function openSession(socket: Socket, { services, sessions, newcomer, shared }: OpenSession): void {
  const { ctx } = services
  // Socket.IO gives each connection a room of its own, for broadcasts: frames here go to devices, and memory counts.
  socket.nsp.adapter.delAll(socket.id)
  const connection = new Connection(socket, newcomer, shared)
  const session = new Session(connection, services)
  sessions.add(session)
  // A middleware that never calls on: no event reaches an emitter, so none has a name with a meaning of its own.
  socket.use(([name, ...args]) => session.intake.receive(name, args))
  socket.on('disconnect', () => {
    sessions.delete(session)
    // A client may leave the namespace and keep the connection, for which nobody would be responsible any more.
    socket.conn.close()
    session.close().catch((error: unknown) => {
      ctx.log.warn({ err: error }, 'leases of a device that is gone will lapse by themselves')
    })
  })
  const { token } = socket.handshake.auth
  trimConnection(socket)
  if (token !== undefined && token !== null) session.authenticate({ token })
}
