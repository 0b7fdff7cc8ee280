import { randomUUID } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { announce } from './actions/announce.ts'
import { ColdPeople } from './actions/cold-people.ts'
import { deliverGroup } from './actions/commit-delivery.ts'
import type { ActionContext } from './actions/context.ts'
import { LedgerWarmer } from './actions/ledger-warmer.ts'
import { MembersCache } from './actions/members-cache.ts'
import { NodeHeartbeat } from './actions/node-heartbeat.ts'
import { Presence, type PresenceOptions } from './actions/presence.ts'
import { recognizeUser } from './actions/recognize-user.ts'
import { RoomPreviews } from './actions/room-previews.ts'
import { leasesOf, touchDevices } from './actions/touch-devices.ts'
import { applyToDevices } from './bus/apply-to-devices.ts'
import type { Bus } from './bus/bus.ts'
import { LocalDevices } from './bus/local-devices.ts'
import { MemoryExchange } from './bus/memory-bus.ts'
import { runCommandLine } from './command-line.ts'
import type { Config } from './config.ts'
import type { NodeId } from './core/ledger-step.ts'
import { TokenBuckets } from './core/rate-limit.ts'
import { TypingBoard } from './core/typing.ts'
import { ApiKeys } from './edges/api-keys.ts'
import { clientAddress, trustProxies } from './edges/client-address.ts'
import { DevelopmentLogin, loadDevelopmentSecret } from './edges/development-login.ts'
import { createHttpApp } from './edges/http/app.ts'
import { Identity } from './edges/identity.ts'
import { createSocketEdge } from './edges/socket/socket-edge.ts'
import { TokenVerifier } from './edges/token-verifier.ts'
import type { Ledger } from './ledger/ledger.ts'
import { MemoryLedger } from './ledger/memory-ledger.ts'
import { NodeHealth } from './ops/health.ts'
import type { Logger } from './ops/log.ts'
import { Metrics } from './ops/metrics.ts'
import { type MetricsListener, openMetricsListener } from './ops/metrics-listener.ts'
import { Outbox } from './queue/outbox.ts'
import { GroupCommit } from './store/group-commit.ts'
import { migrate } from './store/migrate.ts'
import { nextWarms } from './store/next-warms.ts'
import { type Database, openDatabase } from './store/open-database.ts'
import { closeOutbox, markOutboxDone } from './store/outbox-rows.ts'
import { readOutboxAgeMs } from './store/read-outbox-age.ts'
import { readPeers } from './store/read-peers.ts'
import { readPreviews } from './store/read-previews.ts'
import { readRecipients } from './store/read-recipients.ts'
import { readSnapshot } from './store/read-snapshot.ts'
import { seedDemo } from './workers/demo/seed-demo.ts'
import { LoadSampler } from './workers/load-sampler.ts'
import { startWorkers } from './workers/start-workers.ts'

/** A server that answers. */
export type RunningTally = {
  /** Where it answers. */
  readonly url: string
  readonly ctx: ActionContext
  /** Sends everybody away, finishes what was accepted, and gives everything back. */
  stop(): Promise<void>
}

const VERSION = '0.1.0'
const GROUP_SIZE = 500
const MOST_QUEUED = 20_000
const REMEMBERED_MEMBERS = 500_000
const REMEMBERED_PREVIEWS = 50_000
const PRESENCE_GRACE_MS = 3_000
const OUTBOX_FLUSH_MS = 50
const TYPING_BURST_SECONDS = 2
const WARM_BATCH = 200
const WARMS_AT_ONCE = 2
const WARM_RETRY_MS = 50

/** What a test decides and an operator cannot. */
export type TallyOptions = {
  /** The clock of this machine, in milliseconds since 1970: it may be wrong, and may jump. */
  now?: () => number
  /** What nodes of one process share, so that they are several nodes of one installation. */
  joinBus?: (nodeId: NodeId) => Bus
  ledger?: Ledger
}

/** Builds one node of all its parts and opens its doors. What cannot be opened fails, and leaves nothing behind. */
export async function startTally(
  config: Config,
  log: Logger,
  { now = Date.now, ...shared }: TallyOptions = {},
): Promise<RunningTally> {
  const nodeId = `${config.serverInstance ?? 'tally'}-${randomUUID().slice(0, 8)}`
  const db = await openStore(config, { nodeId, log })
  const heartbeat = new NodeHeartbeat({ db, onNewEpoch: () => void renewLedger(ctx) })
  const load = new LoadSampler()
  const metrics: Metrics = new Metrics({
    connections: () => edge.connectionCount,
    ledgerUsers: async () => (await ctx.ledger.stats()).users,
    ledgerBytes: async () => (await ctx.ledger.stats()).bytesEstimate,
    outboxAgeMs: () => readOutboxAgeMs(db),
  })
  const ctx = createContext({ config, db, log, nodeId, load, metrics, now, ...shared })
  if (config.demoData && (await seedDemo(ctx))) log.info({}, 'made demo people, rooms and histories')

  const trust = trustProxies(config.trustedProxies)
  const secret = config.developmentLogin
    ? await loadDevelopmentSecret(secretFolder(config))
    : config.jwtSecret
  const identity = createIdentity(ctx, { config, secret })
  forgetWhatEnds(ctx, identity)
  const health = createHealth(db)
  const app = await createHttpApp({
    ctx,
    identity,
    health,
    log,
    allowedOrigins: config.allowedOrigins,
    trustProxy: trust,
    webDir: join(import.meta.dirname, '../../../apps/web/dist'),
    version: VERSION,
    developmentLogin:
      config.developmentLogin && secret !== undefined ? new DevelopmentLogin({ secret, now }) : undefined,
    onAnswer: (answer) => metrics.requestAnswered(answer),
  })
  const edge = createSocketEdge({
    httpServer: app.server as HttpServer,
    ctx,
    identity,
    config,
    addressOf: (request) => clientAddress(request, trust),
    onBadgeSent: (sent) => metrics.badgeSent(sent),
  })
  let metricsListener: MetricsListener | undefined
  let stopWorkers = async (): Promise<void> => {}
  const stop = onlyOnce(async () => {
    health.drain()
    await edge.drain({ spreadMs: config.drainSpreadMs })
    ctx.devices.stopWaiting()
    // Together: the server waits for every connection, those too that upgraded and said nothing since.
    await Promise.all([edge.close(), app.close()])
    await stopWorkers()
    await ctx.groups.idle()
    await ctx.outbox.close()
    await heartbeat.end()
    ctx.presence.close()
    await ctx.bus.close()
    await metricsListener?.close()
    await db.close()
  })
  try {
    const { metricsHost: host, metricsPort: port } = config
    if (port !== undefined)
      metricsListener = await openMetricsListener({ host, port, registry: metrics.registry })
    stopWorkers = await startWorkers(ctx, {
      load,
      heartbeat,
      retentionDays: config.retentionDays,
      tailsOutbox: () => config.databaseUrl !== undefined,
      redelivers: () => true,
      onReconciled: (found) => metrics.reconciled(found),
    })
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    await stop()
    throw error
  }
  health.serve()
  return { url: urlOf(config, app.server as HttpServer), ctx, stop }
}

async function openStore(
  config: Config,
  { nodeId, log }: { nodeId: string; log: Logger },
): Promise<Database> {
  const { databaseUrl, dataDir, databaseConnections } = config
  const db = await openDatabase({
    ...(databaseUrl === undefined ? { dataDir } : { databaseUrl }),
    nodeId,
    maxConnections: databaseConnections,
    onFault: (error) => log.warn({ err: error }, 'a connection to the database broke'),
  })
  try {
    await migrate(db, { onStep: (step) => log.debug({ step }, 'preparing the database') })
    // The ledger of this process is empty, and nobody else has a copy: there is nothing to catch up with.
    if (databaseUrl === undefined) await closeOutbox(db)
  } catch (error) {
    await db.close()
    throw error
  }
  return db
}

type ContextParts = {
  config: Config
  db: Database
  log: Logger
  nodeId: string
  load: LoadSampler
  metrics: Metrics
  now: () => number
} & Pick<TallyOptions, 'joinBus' | 'ledger'>

function createContext(parts: ContextParts): ActionContext {
  const { config, db, log, nodeId, load, metrics, now } = parts
  const { limits } = config
  const onError = (doing: string) => (error: unknown) =>
    log.warn({ err: error, doing }, 'tried in vain, for now')
  const bus = parts.joinBus?.(nodeId) ?? new MemoryExchange().join(nodeId)
  const devices = new LocalDevices()
  bus.onFrames((frames) => applyToDevices(devices, frames))
  // Leases must not lapse because somebody set the clock.
  const ledger = parts.ledger ?? new MemoryLedger({ now: () => performance.now() })
  const groups = new GroupCommit(db, {
    maxGroupSize: GROUP_SIZE,
    maxQueued: MOST_QUEUED,
    onGroup: (group) => {
      const { messages, reads, startedAtMs, committedAtMs, receivedAtMs } = group
      metrics.groupCommitted({
        items: messages.length + reads.length,
        messages: messages.length,
        queuedMs: startedAtMs - Math.min(startedAtMs, ...receivedAtMs.values()),
        commitMs: committedAtMs - startedAtMs,
      })
      return deliverGroup(ctx, group)
    },
  })
  const warmer = new LedgerWarmer({
    ledger,
    nextWarms: (count) => nextWarms(db, count),
    readSnapshots: (userIds) => readSnapshot(db, userIds),
    leasesOf: (userId) => leasesOf(ctx, userId),
    onWarmed: (outcomes) => announce(ctx, outcomes),
    onError: onError('warming'),
    batchSize: WARM_BATCH,
    maxConcurrent: WARMS_AT_ONCE,
    busyRetryMs: WARM_RETRY_MS,
  })
  const presence = createPresence({ db, bus, devices, ledger, now, onError: onError('telling presence') })
  const ctx: ActionContext = {
    db,
    groups,
    ledger,
    bus,
    devices,
    warmer,
    coldPeople: new ColdPeople({ bus, devices, warmer, presence, nowMs: () => performance.now() }),
    membersCache: new MembersCache({
      read: (roomIds) => readRecipients(db, roomIds),
      maxMembers: REMEMBERED_MEMBERS,
    }),
    previews: new RoomPreviews({
      read: (roomIds) => readPreviews(db, roomIds),
      maxRooms: REMEMBERED_PREVIEWS,
    }),
    heldNews: new Map(),
    presence,
    typing: new TypingBoard({ ttlMs: limits.typingTtlMs }),
    outbox: new Outbox({
      markDone: (outboxIds) => markOutboxDone(db, outboxIds),
      flushAfterMs: OUTBOX_FLUSH_MS,
      onError: onError('marking the outbox'),
    }),
    limits,
    rateLimits: {
      sends: new TokenBuckets({ perSecond: limits.sendsPerSecond, burst: limits.sendBurst }),
      typing: new TokenBuckets({
        perSecond: limits.typingPerSecond,
        burst: limits.typingPerSecond * TYPING_BURST_SECONDS,
      }),
    },
    loadFactor: () => load.factor,
    now,
    newId: uuidv7,
    log,
  }
  return ctx
}

/** Nothing that was warmed before may be trusted any more; who is connected here is warmed by the touch. */
async function renewLedger(ctx: ActionContext): Promise<void> {
  try {
    await ctx.ledger.drop('all')
    await touchDevices(ctx)
  } catch (error) {
    ctx.log.warn({ err: error }, 'badges are looked up anew with the next touch')
  }
}

function createPresence(parts: Omit<PresenceOptions, 'peersOf' | 'nowMs' | 'graceMs'> & { db: Database }) {
  return new Presence({
    ...parts,
    peersOf: (userIds) => readPeers(parts.db, userIds),
    nowMs: () => performance.now(),
    graceMs: PRESENCE_GRACE_MS,
  })
}

function createIdentity(
  ctx: ActionContext,
  { config, secret }: { config: Config; secret: string | undefined },
): Identity {
  const verifier = new TokenVerifier({ ...config, jwtSecret: secret, now: ctx.now })
  return new Identity({
    verifier,
    apiKeys: new ApiKeys(config.apiKeys),
    recognize: (claimed, issuedAtMs) => recognizeUser(ctx, claimed, issuedAtMs),
    now: ctx.now,
  })
}

function createHealth(db: Database): NodeHealth {
  const askDatabase = () => db.query({ name: 'ask', text: 'select 1', values: [] })
  return new NodeHealth({ askDatabase, version: VERSION, now: () => performance.now() })
}

/** What a node remembers of sessions and memberships goes with them, whichever node ended them. */
function forgetWhatEnds(ctx: ActionContext, identity: Identity): void {
  ctx.bus.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.kind === 'session-ended') identity.forget(frame.userId)
      if (frame.kind === 'membership-ended') ctx.membersCache.forget(frame.roomId)
    }
  })
}

/** With a server too: whoever is signed in stays so over a restart. A database in memory forgets people anyway. */
function secretFolder({ databaseUrl, dataDir }: Config): string | undefined {
  return databaseUrl === undefined && dataDir.startsWith('memory://') ? undefined : dataDir
}

function urlOf({ host }: Config, server: HttpServer): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  const anywhere = host === '0.0.0.0' || host === '::'
  return `http://${anywhere || host === '127.0.0.1' ? 'localhost' : host}:${address.port}`
}

function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

if (import.meta.main) await runCommandLine(startTally)
