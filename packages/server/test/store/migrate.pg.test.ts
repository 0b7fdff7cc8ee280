import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { KINDS } from './store-world.ts'

describe.each(KINDS)('the schema on %s', (kind) => {
  let made: TestDatabase
  let db: Database

  beforeAll(async () => {
    made = await createTestDatabase(kind)
    db = await openDatabase(made.options)
  })

  afterAll(async () => {
    await db.close()
    await made.drop()
  })

  async function stepsOf(): Promise<string[]> {
    const steps: string[] = []
    await migrate(db, { onStep: (step) => steps.push(step) })
    return steps
  }

  const run = (text: string) => db.query({ name: '', text, values: [] })

  test('nodes that start at the same moment make it once, and tell their steps', async () => {
    const starts = await Promise.all([stepsOf(), stepsOf(), stepsOf()])
    const steps = starts.filter(({ length }) => length > 0)
    expect(steps).toHaveLength(1)
    expect(steps[0]).toContain('migration 0001-rooms-and-messages.sql')
    expect(steps[0]).toContain('function commit-group.sql')
    expect(await stepsOf()).toEqual([])
  })

  test('a function whose text is another is made anew, and no other', async () => {
    await run(`update schema_functions set hash = 'old' where name = 'iso-time.sql'`)
    await run(
      `create or replace function iso_time(p_time timestamptz) returns text language sql as $$ select 'old' $$`,
    )
    expect(await stepsOf()).toEqual(['function iso-time.sql'])
    expect(await run(`select iso_time('2026-01-02 03:04:05.678901+00') as time`)).toEqual([
      { time: '2026-01-02T03:04:05.678901Z' },
    ])
  })

  test('an old node that starts during an upgrade leaves a newer database alone', async () => {
    await run(`insert into schema_migrations (name) values ('9999-from-the-future.sql')`)
    await run(`update schema_functions set hash = 'newer' where name = 'iso-time.sql'`)
    expect(await stepsOf()).toEqual(['the database is newer than this program: its functions stay'])
    await run(`delete from schema_migrations where name = '9999-from-the-future.sql'`)
    expect(await stepsOf()).toEqual(['function iso-time.sql'])
  })

  test('a step that fails leaves everything as it was', async () => {
    await run(`update schema_functions set hash = 'old'`)
    await run(`delete from schema_migrations where name = '0002-outbox-and-ledger.sql'`)
    await expect(migrate(db)).rejects.toThrow(/already exists/)
    expect(await run(`select count(*) as old from schema_functions where hash = 'old'`)).toEqual([
      { old: expect.any(Number) },
    ])
    await run(`insert into schema_migrations (name) values ('0002-outbox-and-ledger.sql')`)
    expect((await stepsOf()).length).toBeGreaterThan(10)
  })

  test('a database that holds data comes along, and an older node goes on beside it', async () => {
    await run('alter table outbox drop column claimed_until')
    await run('alter table ledger_epoch drop column history')
    await run('alter table nodes drop column keeps_own_ledger')
    await run(`delete from schema_migrations where name = '0003-many-nodes.sql'`)
    await run(`insert into outbox (payload) values ('{}')`)
    expect(await stepsOf()).toEqual(['migration 0003-many-nodes.sql'])
    // Every statement about these tables that the version before had.
    await run(`insert into outbox (payload) values ('{"rooms": [], "members": []}') returning id`)
    await run('update outbox set done_at = clock_timestamp() where id = any(array[1]) and done_at is null')
    await run('select min(created_at) from outbox where done_at is null')
    await run('update outbox set done_at = clock_timestamp() where done_at is null')
    await run('select maintain_outbox(3, make_interval(hours => 2))')
    expect(await run('select (select epoch from ledger_epoch) < nextval($$ledger_warm$$) as ok')).toEqual([
      { ok: true },
    ])
  })
})

test('a migration waits for who is writing, and neither fails for the other', async () => {
  const made = await createTestDatabase('postgres')
  const url = 'databaseUrl' in made.options ? made.options.databaseUrl : ''
  const db = await openDatabase({ databaseUrl: url, nodeId: 'newer' })
  const writer = new pg.Client({ connectionString: url })
  await writer.connect()
  await migrate(db)
  await writer.query('alter table outbox drop column xact')
  await writer.query('drop table search_rooms, message_search, search_progress')
  await writer.query(`
    delete from schema_migrations where name in ('0005-outbox-transactions.sql', '0010-search.sql')`)
  await writer.query(`insert into rooms (id, kind) values ('room', 'group')`)

  // As a send does: its room first, the outbox last.
  await writer.query('begin')
  await writer.query('update rooms set seq = seq + 1')
  const migrated = migrate(db)
  await vi.waitFor(
    async () => {
      const { rowCount } = await writer.query(`
        select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.application_name = 'newer'`)
      expect(rowCount).toBe(1)
    },
    { timeout: 10_000 },
  )
  await writer.query(`insert into outbox (payload) values ('{"rooms": [], "members": []}')`)
  await writer.query('commit')
  await migrated
  expect((await writer.query('select xact from outbox')).rowCount).toBe(1)
  await writer.end()
  await db.close()
  await made.drop()
})
