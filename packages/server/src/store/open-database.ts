import type { Kysely } from 'kysely'
import { DATABASE_DEFAULTS, type DatabaseOptions } from './database-options.ts'
import { openEmbedded } from './embedded-database.ts'
import { openPostgres } from './postgres-database.ts'
import type { RunStatement, Transaction } from './statement.ts'
import type { Tables } from './tables.ts'

/** One SQL, run by an embedded PostgreSQL (PGlite) or by a server. 64-bit numbers arrive as JavaScript numbers. */
export type Database = {
  readonly query: RunStatement
  /**
   * Runs several statements as one transaction on one connection, for changes of the schema; from its beginning again
   * where it lost against others.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Typed statements, for everything that is not on a hot path. The same retries and errors as `query`. */
  readonly kysely: Kysely<Tables>
  /** How many group commits are worth having under way at once. */
  readonly commitLanes: number
  /** Whether it runs in this process and answers before the present turn of the event loop ends. */
  readonly answersAtOnce: boolean
  /** Whether the database answered when it was last asked. While it does not, what copies say cannot be checked. */
  readonly available: boolean
  /** Waits for what is under way and gives everything back. */
  close(): Promise<void>
}

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
  const resolved = { ...DATABASE_DEFAULTS, ...given }
  if (databaseUrl !== undefined) return openPostgres(databaseUrl, resolved)
  if (dataDir !== undefined) return openEmbedded(dataDir, resolved)
  throw new Error('openDatabase needs databaseUrl or dataDir')
}
