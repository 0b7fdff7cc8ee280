import { announce } from './actions/announce.ts'
import { ColdPeople, type ColdPeopleOptions } from './actions/cold-people.ts'
import { deliverGroup } from './actions/commit-delivery.ts'
import { putArrivals } from './actions/connect-device.ts'
import type { ActionContext } from './actions/context.ts'
import { createShares } from './actions/database-shares.ts'
import { DevicesSeen } from './actions/devices-seen.ts'
import { LedgerWarmer } from './actions/ledger-warmer.ts'
import { MembersCache } from './actions/members-cache.ts'
import { Presence, type PresenceOptions } from './actions/presence.ts'
import { RecentRows } from './actions/recent-rows.ts'
import { RoomPreviews } from './actions/room-previews.ts'
import { renewedHere, tellRecentRows } from './actions/tell-recent-rows.ts'
import { leasesOf, touchPeople } from './actions/touch-devices.ts'
import { UnstoredDeliveries } from './actions/unstored-deliveries.ts'
import { putVisits } from './actions/visits.ts'
import { applyToDevices } from './bus/apply-to-devices.ts'
import { LocalDevices } from './bus/local-devices.ts'
import type { Config } from './config.ts'
import { TokenBuckets } from './core/rate-limit.ts'
import { TypingBoard } from './core/typing.ts'
import { createPolling } from './create-polling.ts'
import type { FileStore } from './files/file-store.ts'
import { createIdSource } from './id-source.ts'
import type { Logger } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'
import { Outbox } from './queue/outbox.ts'
import type { Sharing } from './sharing.ts'
import { AskedTogether } from './store/asked-together.ts'
import { type DeliveredTo, raiseDelivered } from './store/delivered.ts'
import { touchDevicesSeen } from './store/devices.ts'
import { GroupCommit } from './store/group-commit.ts'
import type { Database } from './store/open-database.ts'
import { markOutboxDone } from './store/outbox-rows.ts'
import { readPeers } from './store/read-peers.ts'
import { readPreviews } from './store/read-previews.ts'
import { readRecipients } from './store/read-recipients.ts'
import { readOwnRooms } from './store/read-rooms.ts'
import { readSnapshot } from './store/read-snapshot.ts'
import type { LoadSampler } from './workers/load-sampler.ts'

const GROUP_SIZE = 500
const MOST_QUEUED = 20_000
const REMEMBERED_MEMBERS = 500_000
const REMEMBERED_PREVIEWS = 50_000
/** 64 MiB where each character takes two bytes. */
const REMEMBERED_PREVIEW_CHARS = 32 * 2 ** 20
const UNSTORED_DELIVERIES = 100_000
const PRESENCE_GRACE_MS = 3_000
const OUTBOX_FLUSH_MS = 200
const TYPING_BURST_SECONDS = 2
/** Whom a message reaches, or a network that is back, asks within a few milliseconds. */
const ROOMS_ASKED_EVERY_MS = 5
/** Nobody sees so short a wait, and whoever opens rooms at the same time shares a commit. */
const ROOMS_OPENED_EVERY_MS = 5
const WARM_BATCH = 200
const WARMS_AT_ONCE = 4
const WARM_RETRY_MS = 50

/** Of one person: several devices, each of which says what it has once a second at most. */
const DELIVERIES = { perSecond: 5, burst: 20 }
/** By one person: ten groups of a hundred at once, and no more strangers' lists full of rooms than that. */
const INVITATIONS = { perSecond: 5, burst: 1_000 }
/** Of one person. Each is somebody's work, or walks everything there is of them. */
const REPORTS = { perSecond: 0.1, burst: 20 }
const EXPORTS = { perSecond: 0.02, burst: 5 }

type ContextParts = {
  config: Config
  db: Database
  log: Logger
  load: LoadSampler
  metrics: Metrics
  now: () => number
  sharing: Sharing
  files: FileStore
}

/** Everything that the actions of this node share, built of its parts. */
export function createContext(parts: ContextParts): ActionContext {
  const { config, db, log, load, metrics, now, sharing } = parts
  const { bus, ledger } = sharing
  const { limits } = config
  const onError = (doing: string) => (error: unknown) =>
    log.warn({ err: error, doing }, 'tried in vain, for now')
  const devices = new LocalDevices()
  bus.onFrames((frames) => applyToDevices(devices, frames))
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
    nextWarms: (count) => sharing.heartbeat.drawWarms(count),
    readSnapshots: (userIds) => readSnapshot(db, userIds),
    leasesOf: (userId) => leasesOf(ctx, userId),
    onWarmed: (outcomes) => {
      announce(ctx, outcomes)
      ctx.recentRows.tell(renewedHere(ctx, outcomes)).catch(onError('telling the rows of a copy made anew'))
    },
    onError: onError('warming'),
    batchSize: WARM_BATCH,
    maxConcurrent: WARMS_AT_ONCE,
    busyRetryMs: WARM_RETRY_MS,
  })
  const presence = createPresence({ db, bus, devices, ledger, now, onError: onError('telling presence') })
  const membersCache = new MembersCache({
    read: (roomIds) => readRecipients(db, roomIds),
    maxMembers: REMEMBERED_MEMBERS,
  })
  const ctx: ActionContext = {
    ...createPolling({ db, bus, devices, ledger, limits, log, membersCache, context: () => ctx }),
    db,
    groups,
    ledger,
    bus,
    devices,
    devicesSeen: createDevicesSeen(db, devices),
    warmer,
    arrivals: new AskedTogether((arrivals) => putArrivals(ctx, arrivals), { everyMs: 0 }),
    visits: new AskedTogether((visits) => putVisits(ctx, visits), { everyMs: ROOMS_OPENED_EVERY_MS }),
    ...createShares(db, config),
    coldPeople: createColdPeople({ bus, devices, presence, context: () => ctx }),
    membersCache,
    previews: createPreviews(db),
    ownRooms: new AskedTogether((asked) => readOwnRooms(db, asked), { everyMs: ROOMS_ASKED_EVERY_MS }),
    heldNews: new Map(),
    recentRows: new RecentRows((people) => tellRecentRows(ctx, people)),
    deliveries: createDeliveries(db),
    presence,
    typing: new TypingBoard({ ttlMs: limits.typingTtlMs }),
    outbox: new Outbox({
      // What was merged for this node alone is not done: the others may still need to hear of it.
      markDone: async (outboxIds) => {
        if (sharing.isShared()) await markOutboxDone(db, outboxIds)
      },
      flushAfterMs: OUTBOX_FLUSH_MS,
      onError: onError('marking the outbox'),
    }),
    files: parts.files,
    attachmentTypes: config.attachmentTypes,
    limits,
    rateLimits: rateLimitsOf(limits),
    loadFactor: () => load.factor,
    now,
    newId: createIdSource(),
    log,
  }
  return ctx
}

function createPreviews(db: Database): RoomPreviews {
  return new RoomPreviews({
    read: (roomIds) => readPreviews(db, roomIds),
    maxRooms: REMEMBERED_PREVIEWS,
    maxChars: REMEMBERED_PREVIEW_CHARS,
  })
}

function createDevicesSeen(db: Database, devices: LocalDevices): DevicesSeen {
  return new DevicesSeen({
    connected: devices,
    write: (seen) => touchDevicesSeen(db, seen),
    nowMs: () => performance.now(),
  })
}

function createColdPeople({
  context,
  ...parts
}: Pick<ColdPeopleOptions, 'bus' | 'devices' | 'presence'> & { context: () => ActionContext }): ColdPeople {
  const onError = (error: unknown) =>
    context().log.warn({ err: error }, 'the next touch has to find whose copy is gone')
  return new ColdPeople({
    ...parts,
    touch: (people) => void touchPeople(context(), people).catch(onError),
    nowMs: () => performance.now(),
  })
}

function createDeliveries(db: Database): UnstoredDeliveries {
  const store = (delivered: readonly DeliveredTo[]) => raiseDelivered(db, delivered)
  return new UnstoredDeliveries({ store, max: UNSTORED_DELIVERIES })
}

function rateLimitsOf(limits: Config['limits']): ActionContext['rateLimits'] {
  const { typingPerSecond } = limits
  return {
    sends: new TokenBuckets({ perSecond: limits.sendsPerSecond, burst: limits.sendBurst }),
    typing: new TokenBuckets({ perSecond: typingPerSecond, burst: typingPerSecond * TYPING_BURST_SECONDS }),
    deliveries: new TokenBuckets(DELIVERIES),
    searches: new TokenBuckets({ perSecond: limits.searchesPerSecond, burst: limits.searchBurst }),
    invitations: new TokenBuckets(INVITATIONS),
    reports: new TokenBuckets(REPORTS),
    exports: new TokenBuckets(EXPORTS),
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
