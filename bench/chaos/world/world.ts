import { join } from 'node:path'
import pg from 'pg'
import type { Balancer } from '../../../scripts/balancer.ts'
import type { PostgresCluster } from '../../../scripts/postgres-cluster.ts'
import type { CrowdCall, CrowdCalls, DeviceSpec, Style } from '../crowd/crowd-job.ts'
import { CrowdProcess } from '../crowd/crowd-process.ts'
import { API_KEY, JWT_SECRET, type Person } from './people.ts'
import type { Shared, SharedKind } from './shared.ts'
import { TallyNode } from './tally-node.ts'

export type WorldOptions = {
  /** How the nodes reach Redis. */
  kind: SharedKind
  nodeCount: number
  personCount: number
  crowdCount: number
  seed: number
  /** Where the nodes' logs are kept. */
  logFolder: string
  /** The nodes' program: our server, or a rival. */
  program: string
  /** What the devices of people speak, in turn. */
  styles: readonly Style[]
  /** How many people have one more device, which can be frozen. */
  sleeperCount: number
}

/** Something that happened, for the picture. */
export type Mark = { atMs: number; text: string }

/** Servers, people and what is between them: all of it real, all of it started by this program. */
export class World {
  readonly options: WorldOptions
  readonly postgres: PostgresCluster
  readonly databaseUrl: string
  /** The checker's own connections. */
  readonly db: pg.Pool
  readonly shared: Shared
  readonly balancer: Balancer
  nodes: TallyNode[] = []
  people: readonly Person[] = []
  crowds: { crowd: CrowdProcess; devices: readonly DeviceSpec[] }[] = []
  /** A few second devices apart from all others, so that they can be frozen. */
  sleepers: CrowdProcess | undefined
  sleeperDevices: readonly DeviceSpec[] = []
  /** What was done to it since somebody looked last. */
  marks: Mark[] = []
  #nodesMade = 0

  constructor(parts: {
    options: WorldOptions
    postgres: PostgresCluster
    databaseUrl: string
    shared: Shared
    balancer: Balancer
  }) {
    this.options = parts.options
    this.postgres = parts.postgres
    this.databaseUrl = parts.databaseUrl
    this.shared = parts.shared
    this.balancer = parts.balancer
    this.db = new pg.Pool({ connectionString: parts.databaseUrl, max: 4 })
    // A connection that breaks while nobody uses it is no news: the pool opens another.
    this.db.on('error', () => {})
  }

  /** Every device of everybody. */
  get devices(): DeviceSpec[] {
    return [...this.crowds.flatMap(({ devices }) => devices), ...this.sleeperDevices]
  }

  isSleeper(deviceId: string): boolean {
    return this.sleeperDevices.some((device) => device.deviceId === deviceId)
  }

  /** The crowd that a device is in; the sleepers have none that could be asked at any time. */
  crowdOf(deviceId: string): CrowdProcess {
    const found = this.crowds.find(({ devices }) => devices.some((device) => device.deviceId === deviceId))
    if (found === undefined) throw new Error(`no crowd has the device ${deviceId}`)
    return found.crowd
  }

  mark(text: string): void {
    this.marks.push({ atMs: performance.timeOrigin + performance.now(), text })
  }

  /** One more node, known to the balancer as soon as it answers. */
  async addNode(): Promise<TallyNode> {
    this.#nodesMade += 1
    const name = `node-${this.#nodesMade}`
    const node = await TallyNode.start({
      name,
      program: this.options.program,
      env: { ...NODE_SETTINGS, ...this.shared.env, DATABASE_URL: this.databaseUrl, SERVER_INSTANCE: name },
      logFile: join(this.options.logFolder, `${name}.log`),
    })
    this.nodes.push(node)
    this.balancer.setTargets(this.nodes)
    return node
  }

  async killNode(node: TallyNode): Promise<void> {
    this.mark(`SIGKILL ${node.name}`)
    this.nodes = this.nodes.filter((other) => other !== node)
    await node.kill()
    this.balancer.setTargets(this.nodes)
  }

  /** Asks a node to end. The balancer learns it from the node itself. @returns its exit code. */
  async terminateNode(node: TallyNode): Promise<number | null> {
    this.mark(`SIGTERM ${node.name}`)
    const code = await node.terminate()
    this.nodes = this.nodes.filter((other) => other !== node)
    this.balancer.setTargets(this.nodes)
    this.mark(`${node.name} ended`)
    return code
  }

  /** Asks every crowd the same; of those that sleep no answer comes before they wake up. */
  ask<C extends CrowdCall>(
    call: C,
    ...argument: Parameters<CrowdCalls[C]>
  ): Promise<Awaited<ReturnType<CrowdCalls[C]>>[]> {
    const crowds = this.crowds.map(({ crowd }) => crowd)
    if (this.sleepers !== undefined) crowds.push(this.sleepers)
    return Promise.all(crowds.map((crowd) => crowd.ask(call, ...argument)))
  }

  /** The sleepers come back as new processes, connected to this address. */
  async wakeSleepersAt(url: string): Promise<void> {
    await this.sleepers?.stop()
    this.sleepers = await CrowdProcess.start({ url, seed: this.options.seed, devices: this.sleeperDevices })
  }

  async close(): Promise<void> {
    await Promise.all(this.crowds.map(({ crowd }) => crowd.stop()))
    await this.sleepers?.stop()
    await Promise.all(this.nodes.map((node) => node.kill()))
    await this.balancer.close()
    await this.shared.close()
    await this.db.end()
  }
}

/** The limits of people do not hold for a generator that is hundreds of them at one address. */
const NODE_SETTINGS = {
  JWT_SECRET,
  API_KEYS: `chaos:${API_KEY}`,
  TALLY_DEMO_DATA: 'false',
  LOG_LEVEL: 'info',
  TALLY_SENDS_PER_SECOND: '10000',
  TALLY_SEND_BURST: '10000',
  TALLY_REQUESTS_PER_SECOND: '10000',
  TALLY_REQUEST_BURST: '10000',
  TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '100000',
  TALLY_CONNECTIONS_PER_SECOND: '1000',
  TALLY_DRAIN_SPREAD_MS: '1000',
}
