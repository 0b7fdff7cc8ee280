import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { maintainOutbox, markOutboxDone } from '../../src/store/outbox-rows.ts'
import { readOutboxTail } from '../../src/store/read-outbox-tail.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { lookedAt, within } from './looked-at.ts'
import { KINDS } from './store-world.ts'

describe.each(KINDS)('the tail of the outbox on %s', (kind) => {
  let made: TestDatabase
  let db: Database

  beforeAll(async () => {
    made = await createTestDatabase(kind)
    db = await openDatabase({ ...made.options, nodeId: 'this-node' })
    await migrate(db)
    await maintainOutbox(db)
  })
  afterAll(async () => {
    await db.close()
    await made.drop()
  })
  beforeEach(async () => {
    await db.query({ name: '', text: 'delete from outbox', values: [] })
  })

  const read = (more: Partial<Parameters<typeof readOutboxTail>[1]> = {}) =>
    readOutboxTail(db, { afterId: null, seenIds: [], limit: 50, ...more })
  const idsOf = ({ rows }: Awaited<ReturnType<typeof read>>) => rows.map(({ id }) => id)

  /** A row that was written so long ago; one that is not old stays so, however long the test takes. */
  async function write(nodeId: string, secondsAgo = -60): Promise<string> {
    const text = `insert into outbox (node_id, created_at, payload) values
      ($1, clock_timestamp() - make_interval(secs => $2), '{"rooms": [], "members": []}') returning id::text`
    const rows = await db.query<{ id: string }>({ name: '', text, values: [nodeId, secondsAgo] })
    return rows[0]!.id
  }

  test('is what other nodes wrote, whether it is done or not', async () => {
    const theirs = [await write('other'), await write('third')]
    await write('this-node')
    await markOutboxDone(db, theirs)
    expect(idsOf(await read())).toEqual(theirs)
    expect((await read()).rows[0]).toMatchObject({ payload: { rooms: [], members: [] } })
  })

  test('begins with the last seconds and goes on after what is settled, however long that was not read', async () => {
    const old = [await write('other', 3_600), await write('other', 1_800)]
    const fresh = await write('other')
    const first = await read()
    expect(first).toMatchObject({ settledId: Number(old[1]) })
    expect(idsOf(first)).toEqual([fresh])
    expect(idsOf(await read({ afterId: Number(old[0]) }))).toEqual([old[1], fresh])
    expect(await read({ afterId: first.settledId, seenIds: [fresh] })).toEqual({ ...first, rows: [] })
  })

  test('comes in pages, in order', async () => {
    const written = []
    for (let index = 0; index < 5; index += 1) written.push(await write('other'))
    const first = idsOf(await read({ limit: 3 }))
    expect(first).toEqual(written.slice(0, 3))
    expect(idsOf(await read({ limit: 3, seenIds: first }))).toEqual(written.slice(3))
  })

  test('of an empty outbox is empty', async () => {
    expect(await read()).toEqual({ rows: [], settledId: 0 })
  })

  test('remembers the last seconds only: what is older is passed over without looking at it', async () => {
    const text = `insert into outbox (node_id, payload, created_at)
      select 'other', '{}', clock_timestamp() - interval '2 hours' + n * interval '1 ms' from generate_series(1, 20000) n`
    await db.query({ name: '', text, values: [] })
    const fresh = await write('other')
    const looked = await db.transaction(async (transaction) => {
      const before = await lookedAt(transaction)
      const page = await readOutboxTail(within(transaction), { afterId: null, seenIds: [], limit: 50 })
      expect(idsOf(page)).toEqual([fresh])
      return (await lookedAt(transaction)) - before
    })
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThan(100)
  })
})

describe('a row that commits long after its number was drawn', () => {
  test('is in the tail once it is there, and what came before it is not told twice', async () => {
    const made = await createTestDatabase('postgres')
    const [db, other] = [
      await openDatabase({ ...made.options, nodeId: 'this-node' }),
      await openDatabase({ ...made.options, nodeId: 'other' }),
    ]
    await migrate(db)
    const insert = { text: `insert into outbox (payload) values ('{}') returning id::text`, values: [] }
    let seen: string[] = []
    const late = await other.transaction(async (transaction) => {
      const [held] = await transaction.query<{ id: string }>(insert)
      const [later] = await other.query<{ id: string }>({ name: '', ...insert })
      const page = await readOutboxTail(db, { afterId: null, seenIds: [], limit: 50 })
      expect(page.rows.map(({ id }) => id)).toEqual([later!.id])
      seen = [later!.id]
      return held!.id
    })
    const page = await readOutboxTail(db, { afterId: 0, seenIds: seen, limit: 50 })
    expect(page.rows.map(({ id }) => id)).toEqual([late])
    await Promise.all([db.close(), other.close()])
    await made.drop()
  })
})
