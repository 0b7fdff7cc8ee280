import type { Kysely } from 'kysely'
import { openEmbedded } from './embedded-database.ts'
import { openPostgres } from './postgres-database.ts'
import type { Tables } from './tables.ts'

/** One statement of ours. PostgreSQL plans it once per connection and name. */
export type Statement = {
  /** Unique among all statements. */
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** One SQL, run by an embedded PostgreSQL (PGlite) or by a server. 64-bit numbers arrive as JavaScript numbers. */
export interface Database {
  /**
   * Runs one statement, which is also one transaction. Conflicts with others are retried inside.
   * @throws RequestError `storage_unavailable` when the database cannot be asked or its answer was lost.
   */
  query<R>(statement: Statement): Promise<R[]>
  /** Runs several statements as one transaction on one connection; not retried. For changes of the schema. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Typed statements, for everything that is not on a hot path. The same retries and errors as `query`. */
  readonly kysely: Kysely<Tables>
  /** How many group commits are worth having under way at once. */
  readonly commitLanes: number
  /** Whether the database answered when it was last asked. While it does not, what copies say cannot be checked. */
  readonly available: boolean
  /** Waits for what is under way and gives everything back. */
  close(): Promise<void>
}

/** A transaction that is under way; it ends with the function it was given to. */
export type Transaction = {
  query<R>(statement: Omit<Statement, 'name'>): Promise<R[]>
  /** Several statements in one text, without parameters. */
  script(text: string): Promise<void>
}

export type DatabaseOptions = {
  /** A PostgreSQL server, version 15 or newer. */
  databaseUrl?: string
  /** Without a server: the folder of the embedded database, or `memory://` for one that is gone with the process. */
  dataDir?: string
  /** Who we are: rows of the outbox carry it. */
  nodeId?: string
  /** Connections to the server at most. */
  maxConnections?: number
  /** Time of one statement, and so of a write: each of ours is one statement. */
  statementTimeoutMs?: number
  /** Time a statement waits for one lock before it gives way and is tried again. */
  lockTimeoutMs?: number
  /** Between 0 and 1, for the pauses between retries. */
  random?: () => number
  /** Told of connections that broke while nobody used them. */
  onFault?: (error: Error) => void
}

export type ResolvedDatabaseOptions = Required<Omit<DatabaseOptions, 'databaseUrl' | 'dataDir'>>

/**
 * Opens the database, or says why it cannot.
 *
 * The embedded one runs without fsync: what it acknowledged survives the end of the process in any way, SIGKILL
 * included, but not a power cut. A lock file keeps a second process out of its folder.
 *
 * @throws Error when neither place is named or the folder is in use; RequestError `storage_unavailable` when the
 * server cannot be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, dataDir, ...given } = options
  const resolved: ResolvedDatabaseOptions = { ...DEFAULTS, ...given }
  if (databaseUrl !== undefined) return openPostgres(databaseUrl, resolved)
  if (dataDir !== undefined) return openEmbedded(dataDir, resolved)
  throw new Error('openDatabase needs databaseUrl or dataDir')
}

const DEFAULTS: ResolvedDatabaseOptions = {
  nodeId: 'tally',
  maxConnections: 10,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 2_000,
  random: Math.random,
  onFault: () => {},
}
