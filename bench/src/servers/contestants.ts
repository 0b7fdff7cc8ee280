import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import type { Program } from '../../../scripts/install-programs.mjs'
import { type ClientIds, readStoredIds } from '../check/promises.ts'
import {
  type Ask,
  BASELINE_RECOUNT,
  NAIVE_REDIS_RECOUNT,
  type Recount,
  recount,
  TALLY_RECOUNT,
  type Truth,
} from '../check/recount.ts'
import { type ChildServer, freePort, startServer } from './child-server.ts'
import { API_KEY, JWT_SECRET, makeBaselineRooms, makeRooms } from './host-api.ts'
import type { Storage } from './storage.ts'

/** Something that can take the load, and how it is filled and checked. */
export type Contestant = {
  name: string
  about: string
  /** Whether it is Tally, with its whole protocol and an API. */
  isTally: boolean
  /** Whether it sends totals beside the counts of rooms. */
  hasTotals: boolean
  /** Of its processes, which share the people; one when absent. */
  nodes?: number
  /** Whether one process of it has use for more than one core. */
  isParallel?: boolean
  /** Somebody else's product, which has to be installed. */
  program?: Program
  /** @param processes how many, unless it says so itself. */
  start: (storage: Storage, settings?: Record<string, string>, processes?: number) => Promise<Running>
  /** @returns the ids of the new rooms, in the order of their members. */
  makeRooms: (url: string, rooms: readonly (readonly string[])[]) => Promise<string[]>
  /** Counts anew what is stored, once the servers are gone. Absent where nothing is stored. */
  truth?: (storage: Storage) => Promise<Truth>
  /** Which messages are stored, by client id. Absent where nothing is, or nothing of the sender's own name for them. */
  storedIds?: (storage: Storage) => Promise<ClientIds[]>
}

/** Its processes, all of them equal. */
export type Running = { servers: readonly RunningServer[]; stop: () => Promise<void> }
type RunningServer = ChildServer & {
  metricsUrl?: string
  /** Where people connect; the same as its `url` when absent. */
  peopleUrl?: string
}

const ROOT = join(import.meta.dirname, '../../..')
/** Of a checkout of this repository: what starts a server. */
export const SERVER_PROGRAM = 'packages/server/src/main.ts'

export const tallyEmbedded = tally('tally-embedded', {
  about: 'Tally with its embedded database',
  env: ({ folder }) => ({ DATA_DIR: folder }),
  look: async ({ folder }, task) => {
    const database = await PGlite.create(join(folder, 'postgres'))
    try {
      return await task(async <T>(sql: string) => (await database.query<T>(sql)).rows)
    } finally {
      await database.close()
    }
  },
})

export const tallyPostgres = tally('tally-postgres', {
  about: 'Tally on PostgreSQL, one node, badges in process',
  env: ({ databaseUrl }) => ({ DATABASE_URL: databaseUrl }),
})

const onBoth = ({ databaseUrl, redisUrl }: Storage): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
})

export const tallyRedis = tally('tally-redis', {
  about: 'Tally on PostgreSQL and Redis, one node',
  env: onBoth,
})

/** What the Tally of another checkout is called. */
export const BEFORE = 'before'

/** The Tally of another checkout of this repository, on PostgreSQL and Redis. */
export function tallyBefore(checkout: string): Contestant {
  return tally(BEFORE, { about: `Tally as it is in ${checkout}`, env: onBoth, checkout })
}

/** Everybody's other half is on the next node. */
export function tallyNodes(nodes: number): Contestant {
  return tally(`tally-redis-${nodes}`, {
    about: `Tally on PostgreSQL and Redis, ${nodes} nodes, the people of a room on different ones`,
    env: onBoth,
    nodes,
  })
}

export const tallyTwoNodes = tallyNodes(2)

export const nothing = baseline('null', {
  about: 'Socket.IO alone: parse, acknowledge, one emit',
  hasTotals: false,
  recounted: undefined,
})

export const bare = baseline('bare', { about: '`null` and a group commit', hasTotals: false })

export const singleCte = baseline('single-cte', {
  about: 'one statement a message: insert, counters, totals; then emit',
})

export const sequential = baseline('sequential', {
  about: 'insert, sum the unread, emit, one after the other',
})

export const naiveRedis = baseline('naive-redis', {
  about: 'insert, then HINCRBY, HGETALL, HSET, then emit',
  recounted: NAIVE_REDIS_RECOUNT,
})

type TallyOptions = {
  about: string
  env: (storage: Storage) => Record<string, string>
  nodes?: number
  look?: Look
  /** Where its program is; this checkout when absent. */
  checkout?: string
}

/** Lends the database of a contestant whose servers are gone. */
type Look = <T>(storage: Storage, task: (ask: Ask) => Promise<T>) => Promise<T>

function tally(name: string, options: TallyOptions): Contestant {
  const { about, env, nodes = 1, look = lookIn, checkout = ROOT } = options
  return {
    name,
    about,
    isTally: true,
    nodes,
    hasTotals: true,
    makeRooms,
    truth: (storage) => look(storage, (ask) => recount(ask, TALLY_RECOUNT)),
    storedIds: (storage) => look(storage, readStoredIds),
    start: (storage, settings = {}) =>
      startAll(nodes, async (index) => {
        const metricsPort = await freePort()
        const server = await startServer({
          program: join(checkout, SERVER_PROGRAM),
          flags: profilerFlags(storage),
          env: {
            ...SETTINGS,
            SERVER_INSTANCE: `bench-${index}`,
            METRICS_PORT: String(metricsPort),
            ...env(storage),
            ...settings,
          },
        })
        return { ...server, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` }
      }),
  }
}

/** As it comes, but for the limits of people: a generator is hundreds of them at one address. */
const SETTINGS = {
  JWT_SECRET,
  API_KEYS: `bench:${API_KEY}`,
  LOG_LEVEL: 'error',
  HOST: '127.0.0.1',
  // Nobody has to be spread over other nodes when a run is over.
  TALLY_DRAIN_SPREAD_MS: '0',
  TALLY_CONNECTIONS_PER_ADDRESS: '100000',
  TALLY_REQUESTS_PER_SECOND: '1000000',
  TALLY_REQUEST_BURST: '1000000',
  TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '1000000',
  TALLY_SENDS_PER_SECOND: '1000',
  TALLY_SEND_BURST: '1000',
  TALLY_EVENTS_PER_SECOND: '10000',
  TALLY_EVENT_BURST: '10000',
  TALLY_JOINS_PER_SECOND: '10000',
}

function profilerFlags({ profileFolder }: Pick<Storage, 'profileFolder'>): string[] {
  return profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
}

type BaselineOptions = { about: string; hasTotals?: boolean; recounted?: Recount | undefined }

function baseline(name: string, options: BaselineOptions): Contestant {
  const { about, hasTotals = true } = options
  const recounted = 'recounted' in options ? options.recounted : BASELINE_RECOUNT
  return {
    name,
    about,
    isTally: false,
    hasTotals,
    makeRooms: makeBaselineRooms,
    ...(recounted === undefined
      ? {}
      : {
          truth: (storage: Storage) => recountIn(storage, recounted),
          storedIds: (storage: Storage) => lookIn(storage, readStoredIds),
        }),
    start: ({ databaseUrl, redisUrl, ...storage }, _settings, processes = 1) =>
      startAll(processes, () =>
        startServer({
          flags: profilerFlags(storage),
          program: join(ROOT, `bench/baselines/${name}.ts`),
          env: {
            JWT_SECRET,
            DATABASE_URL: databaseUrl,
            REDIS_URL: redisUrl,
            PROCESSES: String(processes),
          },
        }),
      ),
  }
}

/** One after the other: the first one prepares the database for the others. */
async function startAll(count: number, start: (index: number) => Promise<RunningServer>): Promise<Running> {
  const servers: RunningServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    for (let index = 0; index < count; index += 1) servers.push(await start(index))
  } catch (error) {
    await stop()
    throw error
  }
  return { servers, stop }
}

/** Counts anew in the database of a contestant. */
export function recountIn(storage: Storage, text: Recount): Promise<Truth> {
  return lookIn(storage, (ask) => recount(ask, text))
}

async function lookIn<T>({ databaseUrl }: Storage, task: (ask: Ask) => Promise<T>): Promise<T> {
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  try {
    return await task(async <R>(sql: string) => (await database.query(sql)).rows as R[])
  } finally {
    await database.end()
  }
}
