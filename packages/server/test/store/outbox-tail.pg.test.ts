import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/open-database.ts'
import { maintainOutbox, markOutboxDone } from '../../src/store/outbox-rows.ts'
import { readOutboxTail, TAIL_START } from '../../src/store/read-outbox-tail.ts'
import { lookedAt, within } from './looked-at.ts'
import { KINDS } from './store-world.ts'
import { useDatabase, useDatabases } from './use-database.ts'

describe.each(KINDS)('the tail of the outbox on %s', (kind) => {
  const db = useDatabase(kind, { nodeId: 'this-node' })
  beforeAll(() => maintainOutbox(db()))
  beforeEach(async () => {
    await db().query({ name: '', text: 'delete from outbox', values: [] })
  })

  const read = (position = TAIL_START, limit = 50) => readOutboxTail(db(), position, limit)
  const idsOf = ({ rows }: Awaited<ReturnType<typeof read>>) => rows.map(({ id }) => id)

  /** A row that was written so long ago; one that is not old stays so, however long the test takes. */
  async function write(nodeId: string, secondsAgo = -60): Promise<string> {
    const text = `insert into outbox (node_id, created_at, payload) values
      ($1, clock_timestamp() - make_interval(secs => $2), '{"rooms": [], "members": []}') returning id::text`
    const rows = await db().query<{ id: string }>({ name: '', text, values: [nodeId, secondsAgo] })
    return rows[0]!.id
  }

  test('is what other nodes wrote, whether it is done or not', async () => {
    const theirs = [await write('other'), await write('third')]
    await write('this-node')
    await markOutboxDone(db(), theirs)
    expect(idsOf(await read())).toEqual(theirs)
    expect((await read()).rows[0]).toMatchObject({ payload: { rooms: [], members: [] } })
  })

  test('begins with the last seconds and goes on with what came since, however long that was not read', async () => {
    await write('other', 3_600)
    const fresh = await write('other')
    const first = await read()
    expect(idsOf(first)).toEqual([fresh])
    expect(idsOf(await read(first.next))).toEqual([])
    const since = [await write('other', 1_800), await write('other')]
    expect(idsOf(await read(first.next))).toEqual(since)
  })

  test.each(['from the start', 'later'])('comes in pages, in order, %s', async (when) => {
    const start = when === 'later' ? (await read()).next : TAIL_START
    const written = []
    for (let index = 0; index < 5; index += 1) written.push(await write('other'))
    const first = await read(start, 3)
    // Not among the pages that were begun before it was there: their end would never come.
    const late = await write('other')
    const second = await read(first.next, 3)
    const third = await read(second.next, 3)
    expect([first, second, third].map(idsOf)).toEqual([written.slice(0, 3), written.slice(3), [late]])
  })

  test('of an empty outbox is empty', async () => {
    expect(idsOf(await read())).toEqual([])
  })

  test('of a database that became older than it was begins with the last seconds again', async () => {
    const fresh = await write('other')
    const ahead = '9000000000000:9000000000000:'
    expect(idsOf(await read({ told: ahead, page: null }))).toEqual([fresh])
  })

  test('remembers the last seconds only: what is older is passed over without looking at it', async () => {
    const text = `insert into outbox (node_id, payload, created_at)
      select 'other', '{}', clock_timestamp() - interval '2 hours' + n * interval '1 ms' from generate_series(1, 20000) n`
    await db().query({ name: '', text, values: [] })
    const fresh = await write('other')
    const looked = await db().transaction(async (transaction) => {
      const before = await lookedAt(transaction)
      const page = await readOutboxTail(within(transaction), TAIL_START, 50)
      expect(idsOf(page)).toEqual([fresh])
      // With somebody in mind who was at it for very long.
      const told = page.next.told!.replace(/^\d+:(\d+):.*/, '3:$1:3')
      const next = await readOutboxTail(within(transaction), { told, page: null }, 50)
      expect(idsOf(next)).toEqual([])
      return (await lookedAt(transaction)) - before
    })
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThan(100)
  })
})

describe('a row that commits long after its number was drawn', () => {
  const nodes = useDatabases('postgres', { nodeId: 'this-node' }, { nodeId: 'other' })

  test('is read once it is there, however many came and were read in between, and none is read twice', async () => {
    const [db, other] = nodes() as [Database, Database]
    // Written so long ago that nobody would look among rows of that age.
    const insert = (secondsAgo: number) => ({
      text: `insert into outbox (payload, created_at)
        values ('{}', clock_timestamp() - make_interval(secs => $1)) returning id::text`,
      values: [secondsAgo],
    })
    let { next } = await readOutboxTail(db, TAIL_START, 50)
    const readOn = async () => {
      const page = await readOutboxTail(db, next, 50)
      next = page.next
      return page.rows.map(({ id }) => id)
    }
    const held = await other.transaction(async (transaction) => {
      const [row] = await transaction.query<{ id: string }>(insert(3_600))
      for (const secondsAgo of [1_800, 900, 0]) {
        const [later] = await other.query<{ id: string }>({ name: '', ...insert(secondsAgo) })
        expect(await readOn()).toEqual([later!.id])
        expect(await readOn()).toEqual([])
      }
      return row!.id
    })
    expect(await readOn()).toEqual([held])
    expect(await readOn()).toEqual([])
  })
})
