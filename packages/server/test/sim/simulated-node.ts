import { RequestError, type UserId } from '@tally/protocol'
import type { ActionContext } from '../../src/actions/context.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { loadConfig } from '../../src/config.ts'
import type { SignIn } from '../../src/core/sign-in.ts'
import { createContext } from '../../src/create-context.ts'
import { createFrameRouter } from '../../src/edges/socket/frame-router.ts'
import { createServices } from '../../src/edges/socket/socket-edge.ts'
import type { SocketServices } from '../../src/edges/socket/socket-services.ts'
import { DiskFileStore } from '../../src/files/disk-file-store.ts'
import type { Logger } from '../../src/ops/log.ts'
import type { Metrics } from '../../src/ops/metrics.ts'
import type { Sharing } from '../../src/sharing.ts'
import type { Database } from '../../src/store/open-database.ts'
import { LoadSampler } from '../../src/workers/load-sampler.ts'
import { startWorkers } from '../../src/workers/start-workers.ts'
import type { Journal } from './journal.ts'

export type NodeParts = {
  readonly db: Database
  /** @param onLoss the people who are connected here may be cold now. */
  readonly share: (onLoss: () => void) => Sharing
  readonly journal: Journal
  readonly nowMs: () => number
  /** The clock of its machine, which may be wrong. */
  readonly wallClockMs: () => number
}

/** Nothing here is about floods. */
const PLENTY = 1_000_000
const DEFAULTS = loadConfig({})
const CONFIG = {
  ...DEFAULTS,
  limits: {
    ...DEFAULTS.limits,
    sendsPerSecond: PLENTY,
    sendBurst: PLENTY,
    eventsPerSecond: PLENTY,
    eventBurst: PLENTY,
    joinsPerSecond: PLENTY,
  },
}
const RETRY_MS = 100

/** One server process but for its doors: all its parts are the product's own. */
export class SimulatedNode {
  readonly ctx: ActionContext
  readonly services: SocketServices
  isDead = false
  readonly #sharing: Sharing
  #stopWorkers: (() => Promise<void>) | undefined

  constructor({ db, share, journal, nowMs, wallClockMs }: NodeParts) {
    this.#sharing = share(() => this.#touchSoon())
    this.ctx = createContext({
      // Nobody sends files here.
      files: new DiskFileStore('no-such-folder'),
      config: CONFIG,
      db,
      log: silent(journal),
      load: new LoadSampler(),
      metrics: { groupCommitted: () => {} } as unknown as Metrics,
      now: wallClockMs,
      sharing: this.#sharing,
    })
    const { bus } = this.ctx
    this.services = createServices({ ctx: this.ctx, identity, config: CONFIG }, nowMs)
    bus.onFrames((frames) => {
      for (const frame of frames) {
        if (frame.kind === 'membership-ended') this.ctx.membersCache.forget(frame.roomId)
      }
    })
    bus.onFrames(createFrameRouter(this.services))
    this.#work()
  }

  get nodeId(): string {
    return this.ctx.bus.nodeId
  }

  /** SIGKILL: nothing it began goes on, because nothing it asked for is ever answered. */
  kill(): void {
    this.isDead = true
    // What only its clocks do nobody would see: it costs time.
    void this.#stopWorkers?.()
    void this.#sharing.close()
  }

  #touchSoon(): void {
    if (!this.isDead) touchDevices(this.ctx).catch(() => {})
  }

  /** What a node does without being asked; a database that is away at the start delays it. */
  #work(): void {
    const options = {
      config: CONFIG,
      load: new LoadSampler(),
      heartbeat: this.#sharing.heartbeat,
      tailsOutbox: () => this.#sharing.tailsOutbox(),
      redelivers: () => this.#sharing.isShared(),
      onReconciled: () => {},
    }
    startWorkers(this.ctx, options).then(
      (stop) => {
        this.#stopWorkers = stop
      },
      () => setTimeout(() => this.#work(), RETRY_MS),
    )
  }
}

/** Whoever names themselves is believed: nothing here is about tokens. */
const identity = {
  authenticate: async (token: string) => {
    const userId = token as UserId
    const user = { id: userId, name: null, image: null, userType: null }
    return { userId, user, signIn: token as SignIn, issuedAtMs: 0, expiresAtMs: Number.POSITIVE_INFINITY }
  },
}

/** Faults are expected here; a bug is not, and stands in the journal. */
function silent(journal: Journal): Logger {
  const look = (fields: object): void => {
    const { err } = fields as { err?: unknown }
    if (err !== undefined && !isFault(err)) journal.bug(err)
  }
  return { debug: () => {}, info: () => {}, warn: look, error: look } as unknown as Logger
}

function isFault(error: unknown): boolean {
  return error instanceof AggregateError ? error.errors.every(isFault) : error instanceof RequestError
}
