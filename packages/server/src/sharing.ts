import { setTimeout as delay } from 'node:timers/promises'
import { NodeHeartbeat } from './actions/node-heartbeat.ts'
import type { Bus } from './bus/bus.ts'
import { MemoryExchange } from './bus/memory-bus.ts'
import { RedisBus } from './bus/redis-bus.ts'
import type { Config } from './config.ts'
import type { NodeId } from './core/ledger-step.ts'
import { FallbackLedger, type LedgerMode } from './ledger/fallback-ledger.ts'
import type { Ledger } from './ledger/ledger.ts'
import { MemoryLedger } from './ledger/memory-ledger.ts'
import { RedisLedger } from './ledger/redis-ledger.ts'
import type { Logger } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'
import { LossWatch } from './redis/loss-watch.ts'
import { type OpenedRedis, openRedis } from './redis/open-redis.ts'
import type { Database } from './store/open-database.ts'
import { repeat } from './workers/repeat.ts'

/** What this node has in common with the others, whatever it is made of. */
export type Sharing = {
  readonly ledger: Ledger
  readonly bus: Bus
  readonly heartbeat: NodeHeartbeat
  /** Whether what this node merges is merged for all nodes: only then an outbox row is done. */
  isShared(): boolean
  /** Whether this node has to read in the database what other nodes commit. */
  tailsOutbox(): boolean
  close(): Promise<void>
}

export type SharingOptions = {
  readonly config: Config
  readonly db: Database
  readonly nodeId: NodeId
  readonly metrics: Metrics
  readonly log: Logger
  /** The people who are connected here may be cold now: they are to be warmed. */
  readonly onLoss: () => void
}

/** Opens the ledger and the bus that the configuration asks for, and makes this node known to the others. */
export async function openSharing(options: SharingOptions): Promise<Sharing> {
  const { redis } = options.config
  return redis === undefined ? ownSharing(options) : redisSharing(options, redis)
}

/** A ledger and sockets of its own: alone with an embedded database, or hearing of the others through PostgreSQL. */
function ownSharing({ db, nodeId, onLoss }: SharingOptions): Sharing {
  const ledger = ownLedger()
  const bus = new MemoryExchange().join(nodeId)
  const onNewEpoch = () => {
    void ledger.drop('all')
    onLoss()
  }
  const heartbeat = new NodeHeartbeat({ db, keepsOwnLedger: () => true, onNewEpoch })
  return {
    ledger,
    bus,
    heartbeat,
    isShared: () => true,
    tailsOutbox: () => heartbeat.hasOthers,
    close: () => bus.close(),
  }
}

/** Leases must not lapse because somebody set the clock. */
function ownLedger(): MemoryLedger {
  return new MemoryLedger({ now: () => performance.now() })
}

/** How long a starting node waits for Redis before it starts without. */
const REDIS_START_MS = 3_000
/** How often a node says that it uses Redis, and looks whether Redis lost anything. */
const LOOK_EVERY_MS = 500
/** Within so long nodes that lost the same Redis see that it is back: one of them makes everything cold for all. */
const RETURN_TOGETHER_MS = 300
/** For so long a node that says nothing any more is believed to have used Redis all the same. */
const SAID_FOR_MS = 10_000

async function redisSharing(options: SharingOptions, address: RedisAddress): Promise<Sharing> {
  const { nodeId, db, metrics, log, onLoss } = options
  const { prefix } = address
  const redis = openRedis({ ...address, onError: (error) => log.debug({ err: error }, 'Redis') })
  let mode = (): LedgerMode => 'own'
  const heartbeat = new NodeHeartbeat({ db, keepsOwnLedger: () => mode() === 'own', onNewEpoch: onLoss })
  await heartbeat.beat()
  const usedBy = `${prefix}{0}:used-by`
  const sayHere = () => redis.client.set(usedBy, nodeId, 'PX', SAID_FOR_MS, 'GET')
  // The last one that goes leaves nothing that would speak for what is committed before the next one comes.
  const takeBack = async () => {
    if ((await redis.client.get(usedBy)) === nodeId) await redis.client.del(usedBy)
  }
  const watch = new LossWatch({ redis, prefix: `${prefix}watch:${nodeId}:` })
  const bus = new RedisBus({
    redis,
    nodeId,
    prefix,
    onGap: onLoss,
    onError: (error) => log.debug({ err: error }, 'frames were lost, which the touch heals'),
    onPublished: (published) => metrics.framesPublished(published),
  })
  // All of a cluster, what the others tell, and the database: with a part of it away a return would be over at once, and everybody's keys cold.
  const probe = async () => {
    await watch.look()
    await sayHere()
    await bus.untilReady(LOOK_EVERY_MS)
    await heartbeat.beat()
  }
  const ledger = new FallbackLedger({
    shared: new RedisLedger({
      redis,
      prefix,
      epoch: () => heartbeat.epoch,
      onNewerEpoch: (epoch) => heartbeat.hear(epoch),
    }),
    own: ownLedger(),
    mode: await firstMode({ redis, sayHere, makeCold: () => heartbeat.raise(() => Promise.resolve()) }),
    probe,
    beforeReturn: () => heartbeat.raise(() => delay(RETURN_TOGETHER_MS)),
    onRepeated: onLoss,
    onModeChange: (mode, cause) => {
      logMode(log, { mode, cause })
      onLoss()
    },
  })
  mode = () => ledger.mode
  const look = async () => {
    if (mode() === 'own') return
    await sayHere()
    if (await watch.look()) onLoss()
  }
  const stopLooking = repeat({
    everyMs: LOOK_EVERY_MS,
    task: look,
    onError: (error) => log.debug({ err: error }, 'could not look at Redis'),
  })
  if (mode() === 'own') logMode(log, { mode: 'own' })
  else await bus.untilReady(REDIS_START_MS).catch(() => {})
  return {
    ledger,
    bus,
    heartbeat,
    isShared: () => mode() === 'shared',
    tailsOutbox: () => mode() === 'own' || heartbeat.othersKeepOwn,
    async close() {
      await stopLooking()
      ledger.close()
      await bus.close()
      await takeBack().catch(() => {})
      redis.close()
    },
  }
}

type RedisAddress = NonNullable<Config['redis']>

/**
 * The first node that uses Redis, again or for the first time, makes cold what is held there: nobody merged into it what
 * was committed in between.
 */
async function firstMode(parts: {
  redis: OpenedRedis
  sayHere: () => Promise<string | null>
  makeCold: () => Promise<void>
}): Promise<LedgerMode> {
  const { redis, sayHere, makeCold } = parts
  try {
    await redis.untilReady(REDIS_START_MS)
    if ((await sayHere()) === null) await makeCold()
    return 'shared'
  } catch {
    return 'own'
  }
}

function logMode(log: Logger, { mode, cause }: { mode: LedgerMode; cause?: unknown }): void {
  if (mode === 'shared') log.info({}, 'Redis is back, and the badges with it')
  else log.warn({ err: cause }, 'Redis is away: this node keeps the badges itself until it is back')
}
