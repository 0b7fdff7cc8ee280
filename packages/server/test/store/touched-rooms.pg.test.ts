import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noteIndexed, readTouchedRooms } from '../../src/store/index-messages.ts'
import type { Database } from '../../src/store/open-database.ts'
import { maintainOutbox } from '../../src/store/outbox-rows.ts'
import { KINDS } from './store-world.ts'
import { useDatabase, useDatabases } from './use-database.ts'

/** One commit that touched these rooms. */
const insert = (...roomIds: string[]) => ({
  name: '',
  text: `insert into outbox (payload) values ($1)`,
  values: [JSON.stringify({ rooms: roomIds.map((roomId) => ({ roomId })), members: [] })],
})

async function readOn(db: Database, limit = 50): Promise<{ roomIds: string[]; isAll: boolean }> {
  const { roomIds, isAll, upTo } = await readTouchedRooms(db, { limit })
  await noteIndexed(db, upTo)
  return { roomIds: [...roomIds].sort(), isAll }
}

describe.each(KINDS)('rooms that were touched, on %s', (kind) => {
  const db = useDatabase(kind)
  beforeAll(() => maintainOutbox(db()))
  beforeEach(async () => {
    await db().query({ name: '', text: 'delete from outbox', values: [] })
    await readOn(db())
  })

  test('are each named once, and no more once that is noted', async () => {
    await db().query(insert('b', 'a'))
    await db().query(insert('b'))
    const touched = await readTouchedRooms(db(), { limit: 50 })
    expect(touched).toMatchObject({ isNew: true, isAll: true, hasGap: false })
    expect([...touched.roomIds].sort()).toEqual(['a', 'b'])
    expect(await readOn(db())).toEqual({ roomIds: ['a', 'b'], isAll: true })
    expect(await readTouchedRooms(db(), { limit: 50 })).toMatchObject({ isNew: false, roomIds: [] })
  })

  test('come in pages, the oldest first, each commit once', async () => {
    for (const roomId of ['a', 'b', 'c', 'd', 'e']) await db().query(insert(roomId))
    expect(await readOn(db(), 2)).toEqual({ roomIds: ['a', 'b'], isAll: false })
    expect(await readOn(db(), 2)).toEqual({ roomIds: ['c', 'd'], isAll: false })
    expect(await readOn(db(), 2)).toEqual({ roomIds: ['e'], isAll: true })
    expect(await readOn(db(), 2)).toEqual({ roomIds: [], isAll: true })
  })

  test('of one transaction are in one page, however many rows it wrote', async () => {
    await db().transaction(async (transaction) => {
      for (const roomId of ['a', 'b', 'c']) await transaction.query(insert(roomId))
    })
    await db().query(insert('d'))
    expect(await readOn(db(), 2)).toEqual({ roomIds: ['a', 'b', 'c'], isAll: false })
    expect(await readOn(db(), 2)).toEqual({ roomIds: ['d'], isAll: true })
  })

  test('of a database that became older than it was are unknown: a gap', async () => {
    await noteIndexed(db(), '9000000000000:9000000000000:')
    expect(await readTouchedRooms(db(), { limit: 50 })).toMatchObject({ hasGap: true, isNew: false })
  })
})

describe('a commit that comes long after its transaction began', () => {
  const nodes = useDatabases('postgres', { nodeId: 'this-node' }, { nodeId: 'other' })

  test('is read once it is there, however many pages were read in between, and once only', async () => {
    const [db, other] = nodes() as [Database, Database]
    await maintainOutbox(db)
    await readOn(db)
    await other.transaction(async (transaction) => {
      await transaction.query(insert('late'))
      for (const roomId of ['a', 'b', 'c', 'd', 'e']) await other.query(insert(roomId))
      expect(await readOn(db, 2)).toEqual({ roomIds: ['a', 'b'], isAll: false })
      expect(await readOn(db, 2)).toEqual({ roomIds: ['c', 'd'], isAll: false })
    })
    await other.query(insert('f'))
    expect(await readOn(db, 2)).toEqual({ roomIds: ['e', 'f', 'late'], isAll: false })
    expect(await readOn(db, 2)).toEqual({ roomIds: [], isAll: true })
  })
})
