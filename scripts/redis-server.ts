import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasRedis, OLDEST_REDIS_MAJOR } from './find-redis.mjs'

const START_DEADLINE_MS = 30_000
const PROBE_INTERVAL_MS = 20

const CLUSTER_MASTERS = 3
const CLUSTER_REPLICAS_PER_MASTER = 1

export interface RedisServer {
  url: string
  port: number
  /** Of the server itself: SIGSTOP and SIGCONT make it hang and go on, SIGKILL makes it crash. */
  pid: number
  /** Ends the server, hung ones too, and removes its files. Another may be started on its port: an empty one. */
  stop(): Promise<void>
}

export interface RedisCluster {
  /** Of one of the masters; it tells of the others. */
  url: string
  servers: readonly RedisServer[]
  stop(): Promise<void>
}

/**
 * The shell that owns the server: it waits for the end of its standard input, which comes when this process closes
 * it or ends in any way at all, SIGKILL included; then it kills the server, which has nothing to save, and removes the
 * files. So no run of the tests or of a bench, however it ended, leaves a server or its data behind.
 */
const OWNER_SCRIPT = `
folder="$1"
shift
redis-server "$@" --dir "$folder" >"$folder/log" 2>&1 </dev/null &
server=$!
echo "$server"
cat >/dev/null
kill -KILL "$server"
wait "$server"
rm -rf "$folder"
`

const SETTINGS = [
  ...['--save', '', '--appendonly', 'no'],
  // A user's rooms stay in one compact list: what is measured is measured like this.
  ...['--hash-max-listpack-entries', '512'],
  // A replica has its copy at once.
  ...['--repl-diskless-sync-delay', '0'],
]

/**
 * Starts a private Redis on this machine.
 * @param options.port where it listens; a free port if it does not matter.
 * @param options.copy an RDB file with what it holds at first; nothing unless given.
 */
export async function startRedisServer(options: { port?: number; copy?: string } = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePorts(1))[0]
  if (port === undefined) throw new Error('no free port')
  return start(port, [], options.copy)
}

/** Starts a private Redis Cluster: three masters, each with one replica, all slots served. Takes a few seconds. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const count = CLUSTER_MASTERS * (1 + CLUSTER_REPLICAS_PER_MASTER)
  const ports = await freePorts(count * 2)
  const nodes = Array.from({ length: count }, (_, index) => ({
    port: ports[index * 2] ?? 0,
    busPort: ports[index * 2 + 1] ?? 0,
  }))
  const started = await Promise.allSettled(
    nodes.map(({ port, busPort }) =>
      start(port, ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), ...FAST_FAILOVER]),
    ),
  )
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason
    await formCluster(servers)
  } catch (error) {
    await stop()
    throw new Error('the private Redis Cluster did not start', { cause: error })
  }
  const [first] = servers
  if (first === undefined) throw new Error('a cluster without servers')
  return { url: first.url, servers, stop }
}

/** A test of a failover must not wait the 15 s that a data centre would. */
const FAST_FAILOVER = ['--cluster-node-timeout', '2000']

async function start(port: number, settings: readonly string[], copy?: string): Promise<RedisServer> {
  if (!hasRedis()) {
    throw new Error(`Redis ${OLDEST_REDIS_MAJOR} or newer was not found; "npm test" installs it or says how`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'tally-redis-'))
  if (copy !== undefined) copyFileSync(copy, join(folder, 'dump.rdb'))
  const place = ['--bind', '127.0.0.1', '--port', String(port)]
  // A process group of its own: Ctrl-C in the terminal must reach that program only, which then ends the server in order.
  const shell = spawn('/bin/sh', ['-c', OWNER_SCRIPT, 'sh', folder, ...place, ...SETTINGS, ...settings], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const stop = async () => {
    const exited = shell.exitCode === null ? once(shell, 'exit') : undefined
    shell.stdin.end()
    await exited
  }
  const [line] = await once(shell.stdout, 'data')
  const pid = Number(String(line))
  try {
    await until(`Redis answers on port ${port}`, () => answers(port, pid))
  } catch (error) {
    const log = readFileSync(join(folder, 'log'), 'utf8')
    await stop()
    throw new Error(`the private Redis did not start:\n${log}`, { cause: error })
  }
  return { url: `redis://127.0.0.1:${port}`, port, pid, stop }
}

/** Deals the slots out and waits until every server agrees and every replica has its master's data. */
async function formCluster(servers: readonly RedisServer[]): Promise<void> {
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
  const replicas = ['--cluster-replicas', String(CLUSTER_REPLICAS_PER_MASTER), '--cluster-yes']
  await run('redis-cli', ['--cluster', 'create', ...addresses, ...replicas])
  for (const { port } of servers) {
    await until(`the server on port ${port} knows the whole cluster`, async () => {
      const ask = (...command: string[]) => run('redis-cli', ['-p', String(port), ...command])
      const [info, role] = [(await ask('cluster', 'info')).stdout, (await ask('role')).stdout]
      const isInStep = role.startsWith('master') || role.includes('connected')
      return (
        info.includes('cluster_state:ok') &&
        info.includes(`cluster_known_nodes:${servers.length}`) &&
        isInStep
      )
    })
  }
}

const run = promisify(execFile)

/** Whether this very server answers, not another that was quicker to take the port. */
async function answers(port: number, pid: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('INFO server\r\n')
    const [answer] = await once(socket, 'data')
    return String(answer).includes(`process_id:${pid}\r\n`)
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Different from one another: all are taken before the first is given back. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  const ports: number[] = []
  for (let index = 0; index < count; index += 1) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    const address = server.address()
    if (address !== null && typeof address === 'object') ports.push(address.port)
  }
  for (const server of servers) {
    server.close()
    await once(server, 'close')
  }
  return ports
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + START_DEADLINE_MS
  while (Date.now() < deadlineMs) {
    if (await isSo()) return
    await delay(PROBE_INTERVAL_MS)
  }
  throw new Error(`not within ${START_DEADLINE_MS} ms: ${what}`)
}
