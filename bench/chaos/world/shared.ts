import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  startRedisServer,
} from '../../../scripts/redis-server.ts'
import { Chance } from '../chance.ts'
import { RedisRelay } from './redis-relay.ts'

/** What the nodes share beside the database: nothing, one Redis, one behind a bad network, or a cluster. */
export type SharedKind = 'none' | 'server' | 'relayed' | 'cluster'

const run = promisify(execFile)

/** The Redis of a world, and what can be done to it. */
export class Shared {
  readonly kind: SharedKind
  readonly relay: RedisRelay | undefined
  readonly cluster: RedisCluster | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'tally-chaos-redis-'))
  #server: RedisServer | undefined
  /** Others that were started beside it, replicas for example. */
  readonly #others: RedisServer[] = []

  private constructor(parts: {
    kind: SharedKind
    server?: RedisServer | undefined
    relay?: RedisRelay | undefined
    cluster?: RedisCluster | undefined
  }) {
    this.kind = parts.kind
    this.#server = parts.server
    this.relay = parts.relay
    this.cluster = parts.cluster
  }

  static async open(kind: SharedKind, seed: number): Promise<Shared> {
    if (kind === 'none') return new Shared({ kind })
    if (kind === 'cluster') return new Shared({ kind, cluster: await startRedisCluster() })
    const server = await startRedisServer()
    const relay = kind === 'relayed' ? await RedisRelay.open(server.port, new Chance(seed)) : undefined
    return new Shared({ kind, server, relay })
  }

  /** What the nodes are told. */
  get env(): Record<string, string> {
    if (this.kind === 'none') return {}
    const url = this.relay?.url ?? this.cluster?.url ?? this.server.url
    return { REDIS_URL: url, REDIS_CLUSTER: String(this.kind === 'cluster') }
  }

  /** The one server; there is none in a cluster. */
  get server(): RedisServer {
    if (this.#server === undefined) throw new Error(`a world of kind "${this.kind}" has no Redis server`)
    return this.#server
  }

  /** Every server that takes writes. */
  async masters(): Promise<RedisServer[]> {
    if (this.cluster === undefined) return this.#server === undefined ? [] : [this.#server]
    const roles = await Promise.all(
      this.cluster.servers.map((server) => ask(server, 'role').catch(() => 'gone')),
    )
    return this.cluster.servers.filter((_, index) => roles[index]?.startsWith('master'))
  }

  /** It crashes, and its memory with it. */
  async stopServer(): Promise<void> {
    await this.server.stop()
  }

  /** It is there again where it was: empty, or with what an older copy of it holds. */
  async startServer(copy?: string): Promise<void> {
    const { port } = this.server
    this.#server = await startRedisServer({ port, ...(copy === undefined ? {} : { copy }) })
  }

  /** @returns the file of a copy of everything the server holds now. */
  async saveCopy(): Promise<string> {
    const file = join(this.#folder, `copy-${Date.now()}.rdb`)
    await run('redis-cli', ['-p', String(this.server.port), '--rdb', file])
    return file
  }

  /** A second server that has everything the first one has, as of this moment; from then on it hears nothing more. */
  async startStaleReplica(): Promise<RedisServer> {
    const replica = await startRedisServer({ copy: await this.saveCopy() })
    this.#others.push(replica)
    return replica
  }

  /** From now on another server is the one. */
  async failOverTo(server: RedisServer): Promise<void> {
    const old = this.server
    this.#server = server
    this.relay?.leadTo(server.port)
    await old.stop()
  }

  async close(): Promise<void> {
    await this.relay?.close()
    await Promise.all([this.#server, ...this.#others, this.cluster].map((server) => server?.stop()))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Runs a command at one server. @returns its answer as `redis-cli` prints it. */
export async function ask({ port }: RedisServer, ...command: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(port), ...command])
  return stdout
}
