import { describe, expect, test } from 'vitest'
import { nextWarms } from '../../src/store/next-warms.ts'
import { closeOutbox, maintainOutbox, markOutboxDone } from '../../src/store/outbox-rows.ts'
import { setMuted } from '../../src/store/set-muted.ts'
import { KINDS, useStore } from './store-world.ts'
import { useDatabase } from './use-database.ts'

describe.each(KINDS)('the outbox on %s', (kind) => {
  const world = useStore(kind)

  const run = <R>(text: string, values: unknown[] = []) => world().db.query<R>({ name: '', text, values })
  const undone = () => world().count('select count(*) from outbox where done_at is null')
  const partitions = async () => {
    const rows = await run<{ name: string }>(`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'outbox'::regclass order by 1`)
    return rows.map(({ name }) => name)
  }

  test('every commit leaves one row: its rooms with their first and last new message, its changed members', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, '0')
    const before = world().told.length
    await Promise.all([
      world().send(alice, room, '1'),
      world().send(alice, room, '2'),
      world().readHead(bob, room),
    ])
    const told = world().told.slice(before)
    expect(told).toHaveLength(1)
    const rows = await run<{ payload: unknown; node_id: string }>(
      'select payload, node_id from outbox where id = $1',
      [told[0]!.committed.outboxId],
    )
    expect(rows).toMatchObject([
      { node_id: 'tally', payload: { rooms: [{ roomId: room, first: 2, last: 3 }] } },
    ])
    const { members } = (rows[0] as { payload: { members: { userId: string }[] } }).payload
    expect(members.map(({ userId }) => userId).sort()).toEqual([alice, bob].sort())

    const muted = await world().did(setMuted(world().db, { userId: bob, roomId: room, muted: true }))
    expect(await run('select payload from outbox where id = $1', [muted.outboxId])).toEqual([
      { payload: { rooms: [], members: [{ roomId: room, userId: bob }] } },
    ])
  })

  test('rows are done when the ledger has them, or when no copy of it is left', async () => {
    const { alice } = await world().people('alice')
    await closeOutbox(world().db)
    expect(await undone()).toBe(0)
    const room = await world().room(alice)
    await world().send(alice, room, '1')
    await world().send(alice, room, '2')
    const last = world().told.at(-1)!.committed.outboxId!
    await markOutboxDone(world().db, [last])
    await markOutboxDone(world().db, [last])
    await markOutboxDone(world().db, [])
    expect(await undone()).toBe(2)
    await closeOutbox(world().db)
    expect(await undone()).toBe(0)
  })

  test('partitions are made ahead, and dropped when everything in them is done and old', async () => {
    const { alice } = await world().people('alice')
    const { db } = world()
    const room = await world().room(alice)
    // Before the first partition: the default one takes it, and this hour stays there.
    await world().send(alice, room, 'early')
    await maintainOutbox(db)
    await maintainOutbox(db)
    const ahead = (await partitions()).filter((name) => name !== 'outbox_default')
    expect(ahead).toHaveLength(3)

    for (const [hours, done] of [
      [30, true],
      [40, false],
    ] as const) {
      const [row] = await run<{
        name: string
      }>(`select to_char(date_trunc('hour', clock_timestamp() - interval '${hours} hours')
        at time zone 'UTC', '"outbox_"YYYYMMDDHH24') as name`)
      await db.transaction((schema) =>
        schema.script(`
          create table ${row!.name} partition of outbox
            for values from (date_trunc('hour', clock_timestamp() - interval '${hours} hours'))
            to (date_trunc('hour', clock_timestamp() - interval '${hours - 1} hours'));
          insert into outbox (payload, created_at, done_at)
          values ('{}', date_trunc('hour', clock_timestamp() - interval '${hours} hours') + interval '1 minute',
            ${done ? 'clock_timestamp()' : 'null'});`),
      )
    }
    expect(await partitions()).toHaveLength(ahead.length + 3)
    await maintainOutbox(db)
    expect(await partitions()).toHaveLength(ahead.length + 2)
    await closeOutbox(db)
    await maintainOutbox(db)
    expect(await partitions()).toEqual([...ahead, 'outbox_default'])
  })

  test('warms are given once, and rise', async () => {
    const drawn = await Promise.all([nextWarms(world().db, 3), nextWarms(world().db, 2)])
    const all = drawn.flatMap(({ warms }) => warms)
    expect(new Set(all).size).toBe(5)
    const later = await nextWarms(world().db, 1)
    expect(later.warms[0]).toBeGreaterThan(Math.max(...all))
  })
})

describe('the outbox while somebody reads it for long', () => {
  const db = useDatabase('postgres')

  test('gets its partitions with a later call, and nobody waits for them meanwhile', async () => {
    const partitions = () =>
      db().query({
        name: 'partitions',
        text: "select from pg_inherits i where i.inhparent = 'outbox'::regclass",
        values: [],
      })
    const before = await partitions()
    await db().transaction(async (dump) => {
      await dump.query({ text: 'lock table outbox in access share mode', values: [] })
      await maintainOutbox(db())
    })
    expect(await partitions()).toHaveLength(before.length)
    await maintainOutbox(db())
    expect((await partitions()).length).toBeGreaterThan(before.length)
  })
})
