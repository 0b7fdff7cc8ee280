import type { UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { NodeHeartbeat } from '../../src/actions/node-heartbeat.ts'
import { bumpLedgerEpoch } from '../../src/store/ledger-epoch.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import type { Statement } from '../../src/store/statement.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { createTestDatabase } from '../../test-support/test-database.ts'
import { useTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 10 }

describe.each(DATABASES)('a node and the epoch of the ledger, on %s', (kind) => {
  const tally = useTally(kind)

  test('what the ledger said before a failover is forgotten, whoever is connected is told what is true', async () => {
    const [writer, reader] = [somebody('writer'), somebody('reader')]
    const roomId = await tally().room(writer, reader)
    const device = await tally().signIn(reader)
    const shown = () => device.all('total-unread-count-updated').at(-1)?.totalUnreadCount
    await tally().send(writer, roomId, 'one')
    await expect.poll(shown, WITHIN).toBe(1)
    // The old primary knew of a reading that the new one never got.
    const { ctx } = tally()
    const flags = { left: false, muted: false, archivedAtTally: null }
    const member = { kind: 'room', settled: 1, version: 1_000, flags } as const
    await ctx.ledger.apply([{ userId: reader as UserId, rooms: [{ roomId, member }] }])
    expect((await tally().badge(reader)).total).toBe(0)

    const text = `update ledger_epoch set history = 'of the old primary'`
    await ctx.db.query({ name: '', text, values: [] })
    await expect.poll(async () => (await tally().badge(reader)).total, WITHIN).toBe(1)
    await device.settled()
    expect(shown()).toBe(1)
  })
})

test.each(DATABASES)('of a new epoch a node hears once, on %s', async (kind) => {
  const made = await createTestDatabase(kind)
  const db = await openDatabase({ ...made.options, nodeId: 'this-node' })
  await migrate(db)
  const onNewEpoch = vi.fn<(epoch: number) => void>()
  const heartbeat = new NodeHeartbeat({ db, keepsOwnLedger: () => true, onNewEpoch })
  await heartbeat.beat()
  const first = heartbeat.epoch
  await heartbeat.beat()
  expect(onNewEpoch).not.toHaveBeenCalled()

  const { epoch: second } = await bumpLedgerEpoch(db, { from: first })
  await heartbeat.beat()
  await heartbeat.beat()
  expect(heartbeat.epoch).toBe(second)
  expect(onNewEpoch.mock.calls).toEqual([[second]])

  const { epoch: third } = await bumpLedgerEpoch(db, { from: second })
  heartbeat.adopt(third)
  await heartbeat.beat()
  expect(onNewEpoch.mock.calls).toEqual([[second], [third]])

  await db.query({ name: '', text: `update ledger_epoch set history = 'another'`, values: [] })
  await heartbeat.beat()
  expect(heartbeat.epoch).toBeGreaterThan(third + 1_000_000)
  expect(onNewEpoch).toHaveBeenCalledTimes(3)

  await heartbeat.end()
  expect(await db.query({ name: '', text: 'select node_id from nodes', values: [] })).toEqual([])
  await db.close()
  await expect(heartbeat.end()).resolves.toBeUndefined()
  await made.drop()
})

test.each(DATABASES)('a node knows every epoch below the warm numbers it draws, on %s', async (kind) => {
  const made = await createTestDatabase(kind)
  const db = await openDatabase({ ...made.options, nodeId: 'this-node' })
  await migrate(db)
  const onNewEpoch = vi.fn<(epoch: number) => void>()
  const heartbeat = new NodeHeartbeat({ db, keepsOwnLedger: () => false, onNewEpoch })
  await heartbeat.beat()
  const { epoch: raised } = await bumpLedgerEpoch(db, { from: heartbeat.epoch })
  const warms = await heartbeat.drawWarms(2)
  expect(Math.min(...warms)).toBeGreaterThan(raised)
  expect(heartbeat.epoch).toBe(raised)
  expect(onNewEpoch.mock.calls).toEqual([[raised]])
  await db.close()
  await made.drop()
})

test.each(DATABASES)('nodes that lost the same raise the epoch once, on %s', async (kind) => {
  const made = await createTestDatabase(kind)
  const db = await openDatabase({ ...made.options, nodeId: 'these-nodes' })
  await migrate(db)
  const nodes = Array.from({ length: 3 }, () => new NodeHeartbeat({ ...NOBODY_TOLD, db }))
  for (const node of nodes) await node.beat()
  const before = nodes[0]!.epoch
  const looked = Promise.withResolvers<void>()
  let looks = 0
  const together = () => {
    looks += 1
    if (looks === nodes.length) looked.resolve()
    return looked.promise
  }
  await Promise.all(nodes.map((node) => node.raise(together)))
  const [{ epoch: raised }, ...others] = nodes as [NodeHeartbeat, ...NodeHeartbeat[]]
  expect(raised).toBeGreaterThan(before)
  expect(others.map(({ epoch }) => epoch)).toEqual([raised, raised])
  await db.close()
  await made.drop()
})

test('who looks while the epoch is being raised waits for the end of that, and raises one of its own', async () => {
  const made = await createTestDatabase('postgres')
  const db = await openDatabase({ ...made.options, nodeId: 'these-nodes' })
  await migrate(db)
  const node = new NodeHeartbeat({ ...NOBODY_TOLD, db })
  await node.beat()
  const raising = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const other = db.transaction(async (transaction) => {
    await transaction.query({ text: 'select epoch from ledger_epoch for update', values: [] })
    const text = `update ledger_epoch set epoch = nextval('ledger_warm') returning epoch`
    const [raised] = await transaction.query<{ epoch: number }>({ text, values: [] })
    raising.resolve()
    await mayCommit.promise
    return raised!.epoch
  })
  await raising.promise
  // What this node committed a moment ago a key above the epoch that is being raised may lack.
  const own = node.raise(() => Promise.resolve())
  await vi.waitFor(async () => expect(await waitingForLocks(db)).toBe(1), WITHIN)
  mayCommit.resolve()
  await own
  expect(node.epoch).toBeGreaterThan(await other)
  await db.close()
  await made.drop()
})

test.each(DATABASES)(
  'an epoch that a node raised stays though its heartbeat read an older one, on %s',
  async (kind) => {
    const made = await createTestDatabase(kind)
    const db = await openDatabase({ ...made.options, nodeId: 'this-node' })
    await migrate(db)
    const onNewEpoch = vi.fn<(epoch: number) => void>()
    // Notes down which history this is.
    await new NodeHeartbeat({ db, keepsOwnLedger: () => true, onNewEpoch }).beat()
    let read = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    let isLate = false
    const query = async <R>(statement: Statement): Promise<R[]> => {
      const rows = await db.query<R>(statement)
      read.resolve()
      if (isLate) await answer.promise
      return rows
    }
    const late: Database = new Proxy(db, {
      get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
    })
    const heartbeat = new NodeHeartbeat({ db: late, keepsOwnLedger: () => true, onNewEpoch })
    await heartbeat.beat()
    isLate = true
    read = Promise.withResolvers()
    const beat = heartbeat.beat()
    await read.promise
    const { epoch: raised } = await bumpLedgerEpoch(db, { from: heartbeat.epoch })
    heartbeat.adopt(raised)
    answer.resolve()
    await beat
    expect(heartbeat.epoch).toBe(raised)
    expect(onNewEpoch.mock.calls).toEqual([[raised]])
    await db.close()
    await made.drop()
  },
)

const NOBODY_TOLD = { keepsOwnLedger: () => true, onNewEpoch: () => {} }

async function waitingForLocks(db: Database): Promise<number> {
  const text = `
    select count(*)::int as count from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`
  const [waiting] = await db.query<{ count: number }>({ name: '', text, values: [] })
  return waiting!.count
}
