import { randomUUID } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import type { ActionContext } from './actions/context.ts'
import { createRecognition } from './actions/recognize-user.ts'
import { previewOf } from './actions/room-previews.ts'
import { touchDevices } from './actions/touch-devices.ts'
import { runCommandLine } from './command-line.ts'
import type { Config } from './config.ts'
import { createContext } from './create-context.ts'
import { ApiKeys } from './edges/api-keys.ts'
import { clientAddress, trustProxies } from './edges/client-address.ts'
import { DevelopmentLogin, loadDevelopmentSecret } from './edges/development-login.ts'
import { createHttpApp } from './edges/http/app.ts'
import { Identity } from './edges/identity.ts'
import { createSocketEdge } from './edges/socket/socket-edge.ts'
import { TokenVerifier } from './edges/token-verifier.ts'
import { openFiles } from './open-files.ts'
import { NodeHealth } from './ops/health.ts'
import type { Logger } from './ops/log.ts'
import { Metrics } from './ops/metrics.ts'
import { type MetricsListener, openMetricsListener } from './ops/metrics-listener.ts'
import { openSharing } from './sharing.ts'
import { migrate } from './store/migrate.ts'
import { type Database, openDatabase } from './store/open-database.ts'
import { closeOutbox } from './store/outbox-rows.ts'
import { readOutboxAgeMs } from './store/read-outbox-age.ts'
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

/** What a test decides and an operator cannot. */
export type TallyOptions = {
  /** The clock of this machine, in milliseconds since 1970: it may be wrong, and may jump. */
  now?: () => number
  /** The clock of sockets, in monotonic milliseconds. */
  nowMs?: () => number
  /** What the nodes have in common: several nodes of one process may share a ledger without any Redis. */
  share?: typeof openSharing
}

/** Builds one node of all its parts and opens its doors. What cannot be opened fails, and leaves nothing behind. */
export async function startTally(
  config: Config,
  log: Logger,
  { now = Date.now, nowMs = () => performance.now(), share = openSharing }: TallyOptions = {},
): Promise<RunningTally> {
  const nodeId = newNodeId(config)
  const db = await openStore(config, { nodeId, log })
  const load = new LoadSampler()
  const metrics: Metrics = new Metrics({
    connections: () => edge.connectionCount,
    ledgerUsers: async () => (await ctx.ledger.stats()).users,
    ledgerBytes: async () => (await ctx.ledger.stats()).bytesEstimate,
    outboxAgeMs: () => readOutboxAgeMs(db),
    fellBack: () => (sharing.isShared() ? 0 : 1),
  })
  // Before there is a context nobody is connected whom a loss could concern.
  let touchSoon = (): void => {}
  const sharing = await share({ config, db, nodeId, metrics, log, onLoss: () => touchSoon() })
  const ctx = createContext({ config, db, log, load, metrics, now, sharing, files: openFiles(config) })
  touchSoon = onceAtATime(
    () => healLoss(ctx),
    (error) => log.warn({ err: error }, 'touching in vain'),
  )
  if (config.demoData && (await seedDemo(ctx))) log.info({}, 'made demo people, rooms and histories')

  const trust = trustProxies(config.trustedProxies)
  const secret = await tokenSecret(config)
  const identity = createIdentity(ctx, { config, secret })
  rememberTogether(ctx, identity)
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
    developmentLogin: developmentLoginOf(config, { secret, now }),
    onAnswer: (answer) => metrics.requestAnswered(answer),
  })
  const edge = createSocketEdge({
    httpServer: app.server as HttpServer,
    ctx,
    identity,
    config,
    addressOf: (request) => clientAddress(request, trust),
    nowMs,
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
    await Promise.all([ctx.outbox.close(), ctx.pollingPeople.close()])
    await sharing.heartbeat.end()
    ctx.presence.close()
    await sharing.close()
    await metricsListener?.close()
    await Promise.all([ctx.files.close(), db.close()])
  })
  try {
    metricsListener = await listenForMetrics(config, metrics)
    stopWorkers = await startWorkers(ctx, {
      config,
      load,
      heartbeat: sharing.heartbeat,
      tailsOutbox: () => sharing.tailsOutbox(),
      redelivers: () => sharing.isShared(),
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

async function listenForMetrics(config: Config, { registry }: Metrics): Promise<MetricsListener | undefined> {
  const { metricsHost: host, metricsPort: port } = config
  return port === undefined ? undefined : openMetricsListener({ host, port, registry })
}

/** PostgreSQL keeps 63 bytes of a connection's name, and no more than ASCII of them: what tells nodes apart has to fit. */
function newNodeId({ serverInstance = 'tally' }: Config): string {
  const name = serverInstance.replaceAll(/[^ -~]/g, '_').slice(0, 50)
  return `${name}-${randomUUID().slice(0, 8)}`
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

function createHealth(db: Database): NodeHealth {
  return new NodeHealth({
    askDatabase: () => db.query({ name: 'ask', text: 'select 1', values: [] }),
    version: VERSION,
    now: () => performance.now(),
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
    recognize: createRecognition(ctx),
    now: ctx.now,
  })
}

/** What others said went past this node, or a ledger lost what it held. */
function healLoss(ctx: ActionContext): Promise<void> {
  ctx.roomPeople.clear()
  ctx.membersCache.clear()
  return touchDevices(ctx)
}

/**
 * What a node remembers follows what other nodes do: sessions and memberships go with their end, and the last message of
 * a room is the last one anybody sent.
 */
function rememberTogether(ctx: ActionContext, identity: Identity): void {
  ctx.bus.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.kind === 'message') {
        ctx.previews.put(frame.roomId, previewOf(frame.message, frame.membership))
      }
      if (frame.kind === 'session-ended') identity.forget(frame.userId)
      if (frame.kind === 'membership-ended') ctx.membersCache.forget(frame.roomId)
    }
  })
}

function developmentLoginOf(
  { developmentLogin }: Config,
  { secret, now }: { secret: string | undefined; now: () => number },
): DevelopmentLogin | undefined {
  return developmentLogin && secret !== undefined ? new DevelopmentLogin({ secret, now }) : undefined
}

/** What tokens are signed with, where that is a secret. */
async function tokenSecret(config: Config): Promise<string | undefined> {
  return config.developmentLogin ? loadDevelopmentSecret(secretFolder(config)) : config.jwtSecret
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

/** Runs at once, and once more after a run during which it was asked for again. */
function onceAtATime(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let isRunning = false
  let isWanted = false
  const run = async () => {
    isWanted = true
    if (isRunning) return
    isRunning = true
    while (isWanted) {
      isWanted = false
      await work().catch(onError)
    }
    isRunning = false
  }
  return () => void run()
}

function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

if (import.meta.main) await runCommandLine(startTally)
