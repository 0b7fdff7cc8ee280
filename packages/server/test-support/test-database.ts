import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

export type TestDatabaseKind = 'pglite' | 'postgres'

/** An empty database of one's own. */
export interface TestDatabase {
  /** What `openDatabase` takes to open it. */
  options: { databaseUrl: string } | { dataDir: string }
  /** Removes it, ending whatever is still connected; a database in memory goes with its `close()`. */
  drop(): Promise<void>
}

/**
 * Makes an empty database: one in memory, or one on the PostgreSQL of this run (which only the files named
 * `.pg.test.ts` and `.browser.test.ts` have). Call `drop` in `afterAll`.
 */
export async function createTestDatabase(kind: TestDatabaseKind): Promise<TestDatabase> {
  if (kind === 'pglite') return { options: { dataDir: inMemory() }, drop: async () => {} }
  const maintenanceUrl = inject('postgresUrl')
  if (!maintenanceUrl) throw new Error('no PostgreSQL here: name the file *.pg.test.ts')
  const name = `tally_test_${randomBytes(8).toString('hex')}`
  await runStatement(maintenanceUrl, `CREATE DATABASE ${name}`)
  const url = new URL(maintenanceUrl)
  url.pathname = `/${name}`
  return {
    options: { databaseUrl: url.href },
    // FORCE: a test that kills its server leaves connections that PostgreSQL has yet to notice.
    drop: () => runStatement(maintenanceUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

/** The address of an embedded database in memory that begins as the empty cluster of this run, where there is one. */
export function inMemory(): string {
  return `memory://${inject('emptyCluster') ?? ''}`
}

async function runStatement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
