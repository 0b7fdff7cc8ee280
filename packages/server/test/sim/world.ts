import type { RoomId, UserId } from '@tally/protocol'
import { Chance } from '../scenarios/seeded.ts'
import type { BrokenRule } from './broken-rules.ts'
import { DatabaseModel } from './database-model.ts'
import { Faults } from './faults.ts'
import { InstalledApp } from './installed-app.ts'
import { Journal } from './journal.ts'
import { Link, type Reached } from './link.ts'
import { snapshotsBeforeKeys } from './observed-ledger.ts'
import { PollingDevice } from './polling-device.ts'
import { connectBus, type Exchange } from './simulated-bus.ts'
import { connectDatabase, type DatabaseServer } from './simulated-database.ts'
import { SimulatedDevice } from './simulated-device.ts'
import { SimulatedNode } from './simulated-node.ts'
import { SimulatedRedis } from './simulated-redis.ts'
import { simulatedSharing } from './simulated-sharing.ts'
import type { FaultName, Sometimes } from './sometimes.ts'
import type { VirtualTime } from './virtual-time.ts'

// Few of each, so that everything meets everything.
export const USERS = ['ann', 'bob', 'cem', 'dia'] as UserId[]
export const ROOMS = ['r0', 'r1', 'r2'] as RoomId[]
const MOST_NODES = 3
/** Longer than anything waits that has begun. */
const ENDING_MS = 15_000
const HOUR_MS = 3_600_000
const EPOCH_MS = Date.UTC(2026, 0, 1)

const DEADLY: Partial<Record<Reached, FaultName & Sometimes>> = {
  commit: 'node killed between commit and merge',
  apply: 'node killed between merge and frames',
  beginWarm: 'node killed while warming',
}

export type WorldOptions = {
  readonly seed: number
  readonly time: VirtualTime
  readonly without: ReadonlySet<string>
  readonly broken: BrokenRule | undefined
}

/** Nodes, what they share, and people with devices. Everything by chance hangs off one seed. */
export class World {
  readonly time: VirtualTime
  readonly journal: Journal
  readonly faults: Faults
  readonly redis: SimulatedRedis
  readonly database: DatabaseServer
  readonly nodes: SimulatedNode[] = []
  readonly devices: SimulatedDevice[] = []
  readonly pollers: PollingDevice[] = []
  readonly gone: SimulatedDevice[] = []
  readonly apps: InstalledApp[] = []
  readonly #options: WorldOptions
  readonly #exchange: Exchange = new Map()
  #nodesMade = 0
  #isOver = false
  #devicesMade = 0
  #texts = 0

  constructor(options: WorldOptions) {
    const { seed, time, without, broken } = options
    const nowMs = (): number => time.nowMs
    this.#options = options
    this.time = time
    this.journal = new Journal(nowMs)
    this.faults = new Faults({ seed, journal: this.journal, without })
    this.redis = new SimulatedRedis({ nowMs, broken })
    this.database = { model: new DatabaseModel({ nowMs, journal: this.journal, broken }), isDown: false }
    const chance = this.chance('setting')
    for (const [index, roomId] of ROOMS.entries()) {
      this.database.model.addRoom(roomId, index === 0 ? USERS : USERS.filter(() => chance.is(0.7)))
    }
    for (let made = chance.below(MOST_NODES); made >= 0; made -= 1) this.startNode()
    for (const userId of USERS) this.addDevice(userId)
    for (let more = 1 + chance.below(2); more > 0; more -= 1) this.addDevice(chance.pick(USERS))
    const name = 'installed app'
    const findNode = this.#finder(name)
    const userId = chance.pick(USERS)
    this.apps.push(new InstalledApp({ name, userId, time: this.time, chance: this.chance(name), findNode }))
    this.pollers.push(
      new PollingDevice({
        userId: chance.pick(USERS),
        journal: this.journal,
        findNode: this.#finder('poller'),
      }),
    )
  }

  /** A source of chance by its name: one does not disturb another. */
  chance(name: string): Chance {
    let hash = 0x811c9dc5
    for (const char of `${this.#options.seed} ${name}`)
      hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    return new Chance(hash)
  }

  startNode(): void {
    if (this.#isOver || this.nodes.length >= MOST_NODES) return
    this.#nodesMade += 1
    const nodeId = `node-${this.#nodesMade}`
    const { time, faults, journal, redis, database } = this
    const chance = this.chance(nodeId)
    const skewMs = chance.pick([0, 0, HOUR_MS, -HOUR_MS])
    const link = new Link({
      time,
      faults,
      chance,
      isDead: () => node.isDead,
      onReached: (what) => this.#reached(node, what),
    })
    const db = connectDatabase(database, { session: { nodeId }, link })
    const bus = connectBus(nodeId, { exchange: this.#exchange, link })
    const isEarly = this.#options.broken === 'snapshot read before the key exists'
    const early = isEarly ? snapshotsBeforeKeys(db) : undefined
    const node: SimulatedNode = new SimulatedNode({
      db: early?.db ?? db,
      share: (onLoss) => {
        const nowMs = (): number => time.nowMs
        const sharing = simulatedSharing({ db, bus, redis, link, journal, nowMs, onLoss })
        return early === undefined ? sharing : { ...sharing, ledger: early.ledger(sharing.ledger) }
      },
      journal,
      nowMs: () => time.nowMs,
      wallClockMs: () => EPOCH_MS + time.nowMs + skewMs,
    })
    this.nodes.push(node)
    if (time.nowMs > 0) journal.happened('node started')
    journal.note(`${nodeId} starts`)
  }

  /** SIGKILL: nothing more comes from it or goes to it; soon another takes its place. */
  kill(node: SimulatedNode): void {
    if (node.isDead) return
    node.kill()
    this.journal.happened('node killed')
    this.journal.note(`${node.nodeId} is killed`)
    this.#exchange.delete(node.nodeId)
    this.nodes.splice(this.nodes.indexOf(node), 1)
    for (const device of [...this.devices, ...this.apps]) device.nodeDied(node)
    if (this.nodes.length === 0) this.time.after(1_500, () => this.startNode())
  }

  /** Nothing goes on by itself any more: what did would go on by the process's own clock, beside the next run. */
  async end(): Promise<void> {
    this.#isOver = true
    for (const device of [...this.devices, ...this.apps]) device.vanish()
    for (const node of this.nodes) node.kill()
    await this.time.pass(ENDING_MS)
  }

  addDevice(userId: UserId): void {
    this.#devicesMade += 1
    const name = `${userId}'s device ${this.#devicesMade}`
    const chance = this.chance(name)
    const skewMs = chance.pick([0, 0, HOUR_MS, -HOUR_MS])
    if (skewMs !== 0) this.journal.happened('device with a clock an hour off')
    const { time, journal } = this
    this.devices.push(
      new SimulatedDevice({ name, userId, time, chance, journal, skewMs, findNode: this.#finder(name) }),
    )
  }

  /** The device is gone for good, and nobody was told; its owner takes another one. */
  vanish(device: SimulatedDevice): void {
    device.vanish()
    this.devices.splice(this.devices.indexOf(device), 1)
    this.gone.push(device)
    this.addDevice(device.userId)
  }

  nextText(): string {
    this.#texts += 1
    return `text ${this.#texts}`
  }

  /** From now on nothing goes wrong any more, and what was down comes back. */
  endFaults(): void {
    this.faults.areOver = true
    this.redis.isHung = false
    this.redis.isDown = false
    this.database.isDown = false
    for (const device of this.devices) device.setOffline(false)
    if (this.nodes.length === 0) this.startNode()
  }

  /** Devices and polls come to whichever node the balancer in front chooses. */
  #finder(name: string): () => SimulatedNode | undefined {
    const chance = this.chance(`balancer of ${name}`)
    return () => (this.nodes.length === 0 ? undefined : chance.pick(this.nodes))
  }

  #reached(node: SimulatedNode, what: Reached): void {
    const fault = DEADLY[what]
    if (fault !== undefined && !node.isDead && this.faults.strikes(fault)) this.kill(node)
  }
}
