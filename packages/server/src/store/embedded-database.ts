import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, types } from '@electric-sql/pglite'
import type { Kysely } from 'kysely'
import type { ResolvedDatabaseOptions } from './database-options.ts'
import { type DirectoryLock, lockDirectory } from './directory-lock.ts'
import { PLANNER_SETTINGS } from './planner-settings.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { Statement, Transaction } from './statement.ts'
import { storageUnavailable } from './storage-faults.ts'
import type { Tables } from './tables.ts'
import { typedStatements } from './typed-statements.ts'

const IN_MEMORY = 'memory://'

/** Inside DATA_DIR, beside the lock file and what else the program keeps there. */
const DATABASE_FOLDER = 'postgres'

/** @throws Error when another process has the folder. */
export async function openEmbedded(
  dataDir: string,
  options: ResolvedDatabaseOptions,
): Promise<EmbeddedDatabase> {
  if (dataDir.startsWith(IN_MEMORY)) {
    const archive = dataDir.slice(IN_MEMORY.length)
    const begun = archive === '' ? {} : { loadDataDir: new Blob([await readFile(archive)]) }
    return new EmbeddedDatabase(await openPglite(IN_MEMORY, options, begun), options)
  }
  const lock = lockDirectory(dataDir)
  try {
    return new EmbeddedDatabase(await openPglite(join(dataDir, DATABASE_FOLDER), options), options, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openPglite(
  dataDir: string,
  { nodeId }: ResolvedDatabaseOptions,
  begun: { loadDataDir?: Blob } = {},
): Promise<PGlite> {
  const parsers = { [types.INT8]: Number }
  const pglite = await PGlite.create({ ...begun, dataDir, relaxedDurability: false, parsers })
  await pglite.query(`select set_config('application_name', $1, false)`, [nodeId])
  await pglite.exec(PLANNER_SETTINGS)
  return pglite
}

/** One connection, one statement at a time: nothing here can deadlock, and nothing waits for a lock. */
class EmbeddedDatabase {
  readonly commitLanes = 1
  readonly answersAtOnce = true
  readonly kysely: Kysely<Tables>
  readonly #pglite: PGlite
  readonly #lock: DirectoryLock | undefined
  readonly #random: () => number

  constructor(pglite: PGlite, options: ResolvedDatabaseOptions, lock?: DirectoryLock) {
    this.#pglite = pglite
    this.#lock = lock
    this.#random = options.random
    this.kysely = typedStatements((statement) => this.query(statement))
  }

  get available(): boolean {
    return !this.#pglite.closed
  }

  query<R>({ text, values }: Statement): Promise<R[]> {
    return retryConflicts(async () => {
      this.#assertOpen()
      return (await this.#pglite.query<R>(text, [...values])).rows
    }, this.#random)
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.#assertOpen()
    return this.#pglite.transaction((transaction) =>
      work({
        query: async <R>({ text, values }: Omit<Statement, 'name'>) =>
          (await transaction.query<R>(text, [...values])).rows,
        script: async (text) => {
          await transaction.exec(text)
        },
      }),
    )
  }

  async close(): Promise<void> {
    if (!this.#pglite.closed) await this.#pglite.close()
    this.#lock?.release()
  }

  #assertOpen(): void {
    if (this.#pglite.closed) throw storageUnavailable(new Error('the embedded database is closed'))
  }
}
