import { describe, expect, test } from 'vitest'
import { endHeartbeat, sendHeartbeat } from '../../src/store/heartbeat.ts'
import { adoptHistory, readLedgerEpoch } from '../../src/store/ledger-epoch.ts'
import { KINDS } from './store-world.ts'
import { useDatabase } from './use-database.ts'

const SHARING = { keepsOwnLedger: false }

describe.each(KINDS)('heartbeats on %s', (kind) => {
  const db = useDatabase(kind, { nodeId: 'this-node' })

  const run = <R>(text: string) => db().query<R>({ name: '', text, values: [] })
  const nodes = async () => {
    const rows = await run<{ name: string }>('select node_id as name from nodes order by 1')
    return rows.map(({ name }) => name)
  }
  const age = async () => {
    const text = `select extract(epoch from clock_timestamp() - heartbeat_at)::float8 as age from nodes
      where node_id = 'this-node'`
    return (await run<{ age: number }>(text))[0]!.age
  }

  test('say that a node lives, under the name that its rows of the outbox carry', async () => {
    await sendHeartbeat(db(), SHARING)
    await run(`update nodes set heartbeat_at = heartbeat_at - interval '2 minutes'`)
    await sendHeartbeat(db(), SHARING)
    expect(await age()).toBeLessThan(60)
    const written = await run(`insert into outbox (payload) values ('{}') returning node_id`)
    expect(written).toEqual([{ node_id: 'this-node' }])
    expect(await nodes()).toEqual(['this-node'])
  })

  test('of nodes that said nothing for a minute are swept away by any other', async () => {
    await run(`insert into nodes (node_id, heartbeat_at) values
      ('dead', clock_timestamp() - interval '61 seconds'), ('slow', clock_timestamp() - interval '50 seconds')`)
    await sendHeartbeat(db(), SHARING)
    expect(await nodes()).toEqual(['slow', 'this-node'])
  })

  test('tell whether there are other nodes, and whether one keeps a ledger of its own', async () => {
    const keepOwn = async () => (await sendHeartbeat(db(), SHARING)).othersKeepOwn
    const others = async () => (await sendHeartbeat(db(), SHARING)).hasOthers
    await run('delete from nodes')
    expect(await others()).toBe(false)
    await sendHeartbeat(db(), { keepsOwnLedger: true })
    expect(await keepOwn()).toBe(false)
    await run(`insert into nodes (node_id, keeps_own_ledger) values ('alone', true)`)
    expect(await keepOwn()).toBe(true)
    await run(`update nodes set keeps_own_ledger = false`)
    expect([await keepOwn(), await others()]).toEqual([false, true])
    await run(`update nodes set keeps_own_ledger = node_id = 'alone'`)
    await run(`update nodes set heartbeat_at = heartbeat_at - interval '11 seconds' where node_id = 'alone'`)
    expect(await keepOwn()).toBe(false)
  })

  test('end with the node', async () => {
    await sendHeartbeat(db(), SHARING)
    await endHeartbeat(db())
    expect(await nodes()).not.toContain('this-node')
  })

  test('tell the epoch of the ledger, and whether the database is still the same', async () => {
    const epoch = await adoptHistory(db())
    expect(await sendHeartbeat(db(), SHARING)).toMatchObject({ epoch, isKnownHistory: true })
    await run(`update ledger_epoch set history = 'another'`)
    expect(await sendHeartbeat(db(), SHARING)).toMatchObject({ epoch, isKnownHistory: false })
    const next = await adoptHistory(db())
    expect(await sendHeartbeat(db(), SHARING)).toMatchObject({ epoch: next, isKnownHistory: true })
    expect(await readLedgerEpoch(db())).toBe(next)
  })
})
