import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { adoptHistory, bumpLedgerEpoch, readLedgerEpoch } from '../../src/store/ledger-epoch.ts'
import { nextWarms } from '../../src/store/next-warms.ts'
import { KINDS } from './store-world.ts'
import { useDatabase } from './use-database.ts'

describe.each(KINDS)('the epoch of the ledger on %s', (kind) => {
  const db = useDatabase(kind)
  beforeEach(async () => {
    await run(`delete from outbox`)
    await adoptHistory(db())
  })

  const run = <R>(text: string, values: unknown[] = []) => db().query<R>({ name: '', text, values })
  const write = () => run(`insert into outbox (payload) values ('{}')`)
  const undone = async () => (await run('select from outbox where done_at is null')).length
  const nextWarm = async () => (await nextWarms(db(), 1)).warms[0]!
  const bumpFrom = async (from: number) => (await bumpLedgerEpoch(db(), { from })).epoch
  const bump = async () => bumpFrom(await readLedgerEpoch(db()))

  test('is a number of the warm sequence: what was warmed before is cold, what is warmed later is not', async () => {
    expect(await nextWarm()).toBeGreaterThan(await readLedgerEpoch(db()))
    const before = await nextWarm()
    const epoch = await bump()
    expect(epoch).toBeGreaterThan(before)
    expect(await readLedgerEpoch(db())).toBe(epoch)
    expect(await nextWarm()).toBeGreaterThan(epoch)
  })

  test('rises once for all who ask at the same moment', async () => {
    const from = await readLedgerEpoch(db())
    const got = await Promise.all(Array.from({ length: 5 }, () => bumpFrom(from)))
    const epoch = await readLedgerEpoch(db())
    expect(epoch).toBeGreaterThan(from)
    expect(got).toEqual(Array(5).fill(epoch))
    expect(await bumpFrom(from)).toBe(epoch)
  })

  test('what was written before is done with it: every snapshot read from now on has it', async () => {
    await write()
    await write()
    const raised = await bumpLedgerEpoch(db(), { from: await readLedgerEpoch(db()) })
    await write()
    await raised.closeOutbox()
    // What came after the epoch a key above it may lack.
    expect(await undone()).toBe(1)
    const another = await bumpLedgerEpoch(db(), { from: 0 })
    await another.closeOutbox()
    expect(await undone()).toBe(1)
  })

  test('rises when the database has another history, and leaves behind what the old one may have given out', async () => {
    const epoch = await readLedgerEpoch(db())
    expect(await adoptHistory(db())).toBe(epoch)
    await write()
    const lastWarm = await nextWarm()
    await run(`update ledger_epoch set history = history || '-before the failover'`)
    const [after, same] = await Promise.all([adoptHistory(db()), adoptHistory(db())])
    expect(after).toBeGreaterThan(lastWarm + 1_000_000)
    expect(same).toBe(after)
    expect(await adoptHistory(db())).toBe(after)
    expect(await undone()).toBe(0)
    expect(await nextWarm()).toBeGreaterThan(after)
  })

  test('a bump for another reason leaves them behind as well', async () => {
    const lastWarm = await nextWarm()
    await run(`update ledger_epoch set history = 'another'`)
    const epoch = await bump()
    expect(epoch).toBeGreaterThan(lastWarm + 1_000_000)
    expect(await adoptHistory(db())).toBe(epoch)
  })
})

describe('beside others who write', () => {
  const db = useDatabase('postgres')
  beforeAll(() => adoptHistory(db()))

  const run = <R>(text: string, values: unknown[] = []) => db().query<R>({ name: '', text, values })
  const idsOf = (rows: { id: number }[]) => rows.map(({ id }) => id)
  const bump = async () => {
    const { epoch, closeOutbox } = await bumpLedgerEpoch(db(), { from: await readLedgerEpoch(db()) })
    await closeOutbox()
    return epoch
  }

  test('a row that commits after the bump stays undone', async () => {
    await db().transaction(async (writer) => {
      await writer.query({ text: `insert into outbox (payload) values ('{}')`, values: [] })
      await bump()
    })
    expect(await run('select id from outbox where done_at is null')).toHaveLength(1)
  })

  test('nobody waits for a row that somebody else is marking: it stays undone', async () => {
    await run(`insert into outbox (payload) values ('{}')`)
    await db().transaction(async (other) => {
      await other.query({ text: `update outbox set claimed_until = clock_timestamp()`, values: [] })
      await bump()
    })
    expect(await run('select id from outbox where done_at is null')).not.toHaveLength(0)
  })

  test('whatever is done by it, every key that is warmed above it has in its snapshot', async () => {
    let doneByBumps = 0
    for (let round = 0; round < 40; round += 1) {
      await run('delete from outbox')
      let isOver = false
      const writer = async () => {
        while (!isOver) await run(`insert into outbox (payload) values ('{}')`)
      }
      const warms: { warm: number; seen: Set<number> }[] = []
      const warmer = async () => {
        while (!isOver) {
          const warm = (await nextWarms(db(), 1)).warms[0]
          const seen = new Set(idsOf(await run<{ id: number }>('select id from outbox')))
          warms.push({ warm: warm!, seen })
        }
      }
      const running = [writer(), writer(), warmer(), warmer()]
      const epoch = await bump()
      await vi.waitUntil(() => warms.some(({ warm }) => warm > epoch), { timeout: 10_000, interval: 1 })
      isOver = true
      await Promise.all(running)
      const done = idsOf(await run<{ id: number }>('select id from outbox where done_at is not null'))
      doneByBumps += done.length
      for (const { warm, seen } of warms) {
        if (warm > epoch) expect(done.filter((id) => !seen.has(id))).toEqual([])
      }
    }
    expect(doneByBumps).toBeGreaterThan(0)
  })
})
