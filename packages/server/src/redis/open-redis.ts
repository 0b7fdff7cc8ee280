import { Cluster, Redis } from 'ioredis'

/** What commands are sent with. */
export type RedisClient = Redis | Cluster

export type OpenRedisOptions = {
  /** `redis://` or, with TLS, `rediss://`. Of a cluster any of its servers, or several with commas between them. */
  readonly url: string
  /** Whether it is a Redis Cluster. */
  readonly cluster?: boolean
  /** A command without an answer for this long fails, whatever became of it. */
  readonly commandTimeoutMs?: number
  /** Told of every connection that fails or is lost. The client goes on trying by itself. */
  readonly onError?: (error: Error) => void
}

export type OpenedRedis = {
  readonly client: RedisClient
  readonly isCluster: boolean
  /** Resolves as soon as commands can be sent; rejects when that is not so within `deadlineMs`. */
  untilReady(deadlineMs: number): Promise<void>
  /** Ends all connections. Commands without an answer fail. */
  close(): void
}

/** Long: who cannot wait gives up by himself, and a stall of this process must not look like one of Redis. */
const COMMAND_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 2_000

/** So many times as long as one command may take, with nothing heard at all: nobody is at the other end any more. */
const SILENT_COMMANDS = 3

/** The longest pause between two attempts to connect: a Redis that is back is used again at once. */
const MAX_RETRY_DELAY_MS = 100

/**
 * Opens a Redis or a Redis Cluster. It returns at once and connects by itself, again and again, for as long as it is
 * open. Nothing is ever queued for a Redis that is away: a command then fails at once, and one without an answer fails
 * after `commandTimeoutMs`; whoever sent it knows what to do instead. A connection on which nothing is heard any more is
 * given up for a new one: a host that lost its power, or a firewall that forgot, says no word of it for a quarter of an
 * hour. For one server of a cluster that is away another
 * may be about to take over: what it was sent is tried again until `commandTimeoutMs`, so it may be done twice.
 */
export function openRedis(options: OpenRedisOptions): OpenedRedis {
  const { url, cluster: isCluster = false, commandTimeoutMs = COMMAND_TIMEOUT_MS, onError } = options
  const client = isCluster ? openCluster(url, commandTimeoutMs) : openServer(url, commandTimeoutMs)
  // Without a listener every failed attempt would be written to the console.
  client.on('error', (error: Error) => onError?.(error))
  return {
    client,
    isCluster,
    untilReady: (deadlineMs) => untilReady(client, deadlineMs),
    close: () => client.disconnect(),
  }
}

function openServer(url: string, commandTimeoutMs: number): Redis {
  return new Redis(url, {
    ...connectionOptions(commandTimeoutMs),
    enableOfflineQueue: false,
    retryStrategy: retryDelayMs,
  })
}

function openCluster(urls: string, commandTimeoutMs: number): Cluster {
  const seeds = urls.split(',').map((url) => new URL(url.trim()))
  const [{ username, password, protocol } = { username: '', password: '', protocol: '' }] = seeds
  const nodes = seeds.map((seed) => ({ host: seed.hostname, port: Number(seed.port || 6379) }))
  return new Cluster(nodes, {
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: 5_000,
    shardedSubscribers: true,
    redisOptions: {
      ...connectionOptions(commandTimeoutMs),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  })
}

function connectionOptions(commandTimeoutMs: number) {
  return {
    commandTimeout: commandTimeoutMs,
    socketTimeout: SILENT_COMMANDS * commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    // A primary that became a replica: behind the same name there is another primary by now.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

/** Doubles from attempt to attempt; a little chance keeps many nodes from coming back in one instant. */
function retryDelayMs(attempts: number): number {
  return Math.min(MAX_RETRY_DELAY_MS, 25 * 2 ** Math.min(attempts, 10)) * (0.75 + Math.random() / 4)
}

function untilReady(client: RedisClient, deadlineMs: number): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const onReady = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      client.off('ready', onReady)
      reject(new Error(`Redis could not be reached within ${deadlineMs} ms`))
    }, deadlineMs)
    client.once('ready', onReady)
  })
}
