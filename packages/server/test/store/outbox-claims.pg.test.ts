import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClaimUndone, claimUndone } from '../../src/store/claim-undone.ts'
import { maintainOutbox, markOutboxDone } from '../../src/store/outbox-rows.ts'
import { readOutboxAgeMs } from '../../src/store/read-outbox-age.ts'
import { lookedAt, within } from './looked-at.ts'
import { KINDS } from './store-world.ts'
import { useDatabase } from './use-database.ts'

/** Times so long that no slow machine comes near them. */
const PATIENCE: ClaimUndone = {
  undoneForMs: 4_000_000,
  orphanedForMs: 3_000_000,
  claimMs: 5_000_000,
  limit: 50,
}

describe.each(KINDS)('rows of the outbox that nobody said to be done, on %s', (kind) => {
  const db = useDatabase(kind, { nodeId: 'this-node' })
  beforeAll(() => maintainOutbox(db()))
  beforeEach(async () => {
    await run('delete from outbox')
    await run('delete from nodes')
    await run(`insert into nodes (node_id, heartbeat_at) values
      ('alive', clock_timestamp() + interval '1 day'), ('silent', clock_timestamp() - interval '4 seconds')`)
  })

  const run = <R>(text: string, values: unknown[] = []) => db().query<R>({ name: '', text, values })
  const claim = (more: Partial<ClaimUndone> = {}) => claimUndone(db(), { ...PATIENCE, ...more })
  const ids = async (rows: Promise<{ id: string }[]>) => (await rows).map(({ id }) => id).sort()

  /** A row that was written so long ago by this node. */
  async function write(nodeId: string, secondsAgo: number): Promise<string> {
    const rows = await run<{ id: string }>(
      `insert into outbox (node_id, created_at, payload)
       values ($1, clock_timestamp() - make_interval(secs => $2), '{"rooms": [], "members": []}') returning id::text`,
      [nodeId, secondsAgo],
    )
    return rows[0]!.id
  }

  test('are left alone for as long as the node that wrote them may merely be slow', async () => {
    await write('alive', 3_500)
    await write('this-node', 1_000)
    expect(await claim()).toEqual([])
    const late = await write('alive', 4_500)
    expect(await ids(claim())).toEqual([late])
  })

  test('are taken over sooner from a node without a heartbeat, or with an old one', async () => {
    await write('silent', 2_500)
    await write('gone', 2_500)
    const orphans = [await write('silent', 3_500), await write('gone', 3_500)]
    expect(await ids(claim())).toEqual(orphans.sort())
  })

  test('belong to one relay for as long as its claim lasts', async () => {
    const written = []
    for (let index = 0; index < 120; index += 1) written.push(await write('gone', 5_000))
    const claims = await Promise.all(Array.from({ length: 6 }, () => ids(claim({ limit: 30 }))))
    const all = claims.flat()
    expect(claims.every(({ length }) => length <= 30)).toBe(true)
    expect(new Set(all).size).toBe(all.length)
    const rest = await ids(claim({ limit: 120 }))
    expect([...all, ...rest].sort()).toEqual(written.sort())
    expect(await claim()).toEqual([])
  })

  test('are free again when the claim of a relay that died has lapsed', async () => {
    const row = await write('gone', 5_000)
    expect(await ids(claim({ claimMs: 1 }))).toEqual([row])
    const again = await vi.waitUntil(
      async () => {
        const claimed = await ids(claim())
        return claimed.length > 0 && claimed
      },
      { timeout: 10_000, interval: 5 },
    )
    expect(again).toEqual([row])
  })

  test('go out once they are done', async () => {
    await markOutboxDone(db(), [await write('gone', 5_000)])
    expect(await claim()).toEqual([])
  })

  test('come the oldest first', async () => {
    const [second, first] = [await write('gone', 5_000), await write('gone', 6_000)]
    expect(await ids(claim({ limit: 1 }))).toEqual([first])
    expect(await ids(claim({ limit: 1 }))).toEqual([second])
  })

  test('are few among many that are done: neither their age nor a claim looks at those', async () => {
    await run(`insert into outbox (payload, created_at, done_at)
      select '{}', clock_timestamp() - n * interval '1 ms', clock_timestamp() from generate_series(1, 50000) n`)
    await write('gone', 5_000)
    const looked = await db().transaction(async (transaction) => {
      const before = await lookedAt(transaction)
      expect(await readOutboxAgeMs(within(transaction))).toBeGreaterThanOrEqual(5_000_000)
      expect(await claimUndone(within(transaction), PATIENCE)).toHaveLength(1)
      return (await lookedAt(transaction)) - before
    })
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThan(100)
  })
})

describe('a row that commits long after its number was drawn', () => {
  const db = useDatabase('postgres')

  test('is found', async () => {
    const claim = () => claimUndone(db(), { ...PATIENCE, undoneForMs: 0, orphanedForMs: 0 })
    const insert = { text: `insert into outbox (payload) values ('{}') returning id::text`, values: [] }
    const [late] = await db().transaction(async (transaction) => {
      const rows = await transaction.query<{ id: string }>(insert)
      const [later] = await db().query<{ id: string }>({ name: '', ...insert })
      expect(Number(later!.id)).toBeGreaterThan(Number(rows[0]!.id))
      expect((await claim()).map(({ id }) => id)).toEqual([later!.id])
      return rows
    })
    expect((await claim()).map(({ id }) => id)).toEqual([late!.id])
  })
})
