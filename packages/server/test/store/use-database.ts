import { afterAll, beforeAll } from 'vitest'
import type { DatabaseOptions } from '../../src/store/database-options.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseKind,
} from '../../test-support/test-database.ts'

/** An empty database with its schema, for the tests of a `describe`, once per node that is named. */
export function useDatabases(
  kind: TestDatabaseKind,
  ...nodes: readonly Omit<DatabaseOptions, 'databaseUrl' | 'dataDir'>[]
): () => readonly Database[] {
  let made: TestDatabase | undefined
  const opened: Database[] = []
  beforeAll(async () => {
    made = await createTestDatabase(kind)
    for (const node of nodes) opened.push(await openDatabase({ ...made.options, ...node }))
    for (const db of opened.slice(0, 1)) await migrate(db)
  })
  afterAll(async () => {
    for (const db of opened) await db.close()
    await made?.drop()
  })
  return () => opened
}

/** The same for one node. */
export function useDatabase(
  kind: TestDatabaseKind,
  node: Omit<DatabaseOptions, 'databaseUrl' | 'dataDir'> = {},
): () => Database {
  const opened = useDatabases(kind, node)
  return () => {
    const [db] = opened()
    if (db === undefined) throw new Error('the database did not open')
    return db
  }
}
