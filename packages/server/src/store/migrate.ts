import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Database } from './open-database.ts'
import type { Transaction } from './statement.ts'

const MIGRATIONS = new URL('./migrations/', import.meta.url)
const FUNCTIONS = new URL('./functions/', import.meta.url)

/** Any number of ours that nothing else in the database uses. */
const ADVISORY_LOCK = 7_427_110_001

export type MigrateOptions = {
  /** Told of every step before it is taken. */
  onStep?: (step: string) => void
}

/**
 * Brings the schema up to this program: migrations that were not applied yet, in the order of their names, and the
 * functions whose text is another. All of it is one transaction, so a step that fails leaves everything as it was; a
 * lock makes nodes that start at the same time wait for the first.
 *
 * A database that is newer than this program (an old node that restarts during an upgrade) keeps its functions.
 *
 * @throws the driver's error of the step that failed.
 */
export async function migrate(db: Database, { onStep = () => {} }: MigrateOptions = {}): Promise<void> {
  const migrations = await readSqlFiles(MIGRATIONS)
  const functions = await readSqlFiles(FUNCTIONS)
  await db.transaction(async (transaction) => {
    await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [ADVISORY_LOCK] })
    await transaction.script(BOOKS)
    const isNewer = await applyMigrations(transaction, migrations, onStep)
    if (isNewer) onStep('the database is newer than this program: its functions stay')
    else await replaceFunctions(transaction, functions, onStep)
  })
}

const BOOKS = `
  create table if not exists schema_migrations (
    name text primary key,
    applied_at timestamptz not null default clock_timestamp()
  );
  create table if not exists schema_functions (name text primary key, hash text not null)`

/**
 * Older nodes go on writing. Their tables are taken before any is changed, in the order in which they take them: one that
 * holds a room would wait for the outbox otherwise, and whoever changed the outbox for the room.
 */
const WAIT_FOR_WRITERS = 'lock table users, rooms, members, messages, outbox in exclusive mode'

type SqlFile = { name: string; text: string }

async function readSqlFiles(folder: URL): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })),
  )
}

/** @returns whether the database has migrations that this program does not know. */
async function applyMigrations(
  transaction: Transaction,
  migrations: readonly SqlFile[],
  onStep: (step: string) => void,
): Promise<boolean> {
  const rows = await transaction.query<{ name: string }>({
    text: 'select name from schema_migrations',
    values: [],
  })
  const applied = new Set(rows.map(({ name }) => name))
  const pending = migrations.filter(({ name }) => !applied.delete(name))
  if (pending.length > 0 && rows.length > 0) await transaction.script(WAIT_FOR_WRITERS)
  for (const { name, text } of pending) {
    onStep(`migration ${name}`)
    await transaction.script(text)
    await transaction.query({ text: 'insert into schema_migrations (name) values ($1)', values: [name] })
  }
  return applied.size > 0
}

async function replaceFunctions(
  transaction: Transaction,
  functions: readonly SqlFile[],
  onStep: (step: string) => void,
): Promise<void> {
  const rows = await transaction.query<{ name: string; hash: string }>({
    text: 'select name, hash from schema_functions',
    values: [],
  })
  const hashes = new Map(rows.map(({ name, hash }) => [name, hash]))
  // They call each other, so none can be checked before all are there.
  await transaction.script('set local check_function_bodies = off')
  for (const { name, text } of functions) {
    const hash = createHash('sha256').update(text).digest('hex')
    if (hashes.get(name) === hash) continue
    onStep(`function ${name}`)
    await transaction.script(text)
    await transaction.query({
      text: `insert into schema_functions (name, hash) values ($1, $2)
        on conflict (name) do update set hash = excluded.hash`,
      values: [name, hash],
    })
  }
}
