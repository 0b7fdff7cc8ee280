/** Where the database is, and how patient we are with it. */
export type DatabaseOptions = {
  /** A PostgreSQL server, version 15 or newer. */
  databaseUrl?: string
  /**
   * Without a server: the folder of the embedded database; or `memory://` for one that is gone with the process, and
   * `memory://` with the path of an archive (PGlite's `dumpDataDir`) for one that begins as what is in that, which
   * takes a fraction of the seconds that making a cluster takes.
   */
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

/** The same with every choice made, whichever database it is. */
export type ResolvedDatabaseOptions = Required<Omit<DatabaseOptions, 'databaseUrl' | 'dataDir'>>

export const DATABASE_DEFAULTS: ResolvedDatabaseOptions = {
  nodeId: 'tally',
  maxConnections: 10,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 2_000,
  random: Math.random,
  onFault: () => {},
}
