import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { startOwned } from '../../../../scripts/owned-process.ts'
import { lockDirectory } from '../../src/store/directory-lock.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { createTestDatabase, inMemory } from '../../test-support/test-database.ts'
import { refusal } from './store-world.ts'

const OPEN_TIMEOUT_MS = 120_000

describe('the folder of an embedded database', () => {
  const folders: string[] = []
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'tally-store-'))
    folders.push(made)
    return made
  }
  afterEach(() => {
    for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
  })

  test('belongs to one process: a second one is told who has it', () => {
    const dataDir = folder()
    const lock = lockDirectory(dataDir)
    expect(() => lockDirectory(dataDir)).toThrow(`in use by process ${process.pid}`)
    lock.release()
    lockDirectory(dataDir).release()
  })

  test('is taken over from a process that is gone, also from one of the same id', async () => {
    const dataDir = folder()
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'exit')
    for (const owner of [
      { pid: gone.pid, startedAtMs: 1 },
      // In a container every start has the same process id.
      { pid: process.pid, startedAtMs: 1 },
    ]) {
      writeFileSync(join(dataDir, 'tally.lock'), JSON.stringify(owner))
      const lock = lockDirectory(dataDir)
      expect(() => lockDirectory(dataDir)).toThrow('in use')
      lock.release()
    }
  })

  test('is refused while its owner is still writing its name, and to a process that lives', () => {
    const dataDir = folder()
    writeFileSync(join(dataDir, 'tally.lock'), '')
    expect(() => lockDirectory(dataDir)).toThrow('in use by process another process')
    writeFileSync(join(dataDir, 'tally.lock'), JSON.stringify({ pid: process.ppid, startedAtMs: 1 }))
    expect(() => lockDirectory(dataDir)).toThrow(`in use by process ${process.ppid}`)
  })

  test(
    'keeps every acknowledged message when its process is killed, once, in order, with exact counts',
    async () => {
      const dataDir = folder()
      let acknowledged = 0
      for (let round = 1; round <= 2; round += 1) {
        const writer = startOwned(WRITER, { args: [dataDir] })
        writer.stderr.pipe(process.stderr)
        acknowledged = await killAfter(writer, acknowledged + 200)
      }
      const db = await openDatabase({ dataDir })
      const rows = await db.query<{ seq: number; text: string }>({
        name: '',
        text: 'select seq, text from messages order by seq',
        values: [],
      })
      await recountAll(db)
      await db.close()
      expect(rows.length).toBeGreaterThanOrEqual(acknowledged)
      expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1))
      expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length)
    },
    OPEN_TIMEOUT_MS,
  )
})

const WRITER = fileURLToPath(new URL('write-until-killed.ts', import.meta.url))

/** Kills the process without mercy once it has printed a seq this high. @returns the last one it printed. */
async function killAfter(writer: ChildProcess, seq: number): Promise<number> {
  const exited = once(writer, 'exit')
  let last = 0
  for await (const line of createInterface({ input: writer.stdout! })) {
    last = Number(line)
    if (last >= seq) writer.kill('SIGKILL')
  }
  await exited
  expect(last).toBeGreaterThanOrEqual(seq)
  return last
}

describe('a PostgreSQL server', () => {
  test('that cannot be reached is storage_unavailable', async () => {
    const opened = openDatabase({ databaseUrl: 'postgres://tally@127.0.0.1:1/none' })
    await expect(opened).rejects.toEqual(refusal('storage_unavailable'))
  })

  test('that cuts all connections is found again by the next statement, and told of', async () => {
    const made = await createTestDatabase('postgres')
    const faults: Error[] = []
    const db = await openDatabase({
      ...made.options,
      nodeId: 'node-7',
      onFault: (error) => faults.push(error),
    })
    const ask = () =>
      db.query({ name: 'ask', text: `select current_setting('application_name') as node`, values: [] })
    const sleeping = db.query({ name: 'sleep', text: 'select pg_sleep(60)', values: [] })
    const cut = expect(sleeping).rejects.toEqual(refusal('storage_unavailable'))
    expect(await ask()).toEqual([{ node: 'node-7' }])
    const admin = new pg.Client({ connectionString: inject('postgresUrl') })
    await admin.connect()
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'node-7'`,
    )
    await admin.end()
    await cut
    await expect.poll(() => faults.length).toBeGreaterThan(0)
    expect(await ask()).toEqual([{ node: 'node-7' }])
    await db.close()
    await made.drop()
  })

  test('that breaks a deadlock of two transactions sees both done: the one that lost begins again', async () => {
    const made = await createTestDatabase('postgres')
    const db = await openDatabase(made.options)
    await db.query({
      name: '',
      text: 'create table counters as select generate_series(1, 2) id, 0 n',
      values: [],
    })
    const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    let begun = 0
    const raise = (order: readonly [number, number], self: number) =>
      db.transaction(async (transaction) => {
        begun += 1
        for (const [at, id] of order.entries()) {
          await transaction.query({ text: 'update counters set n = n + 1 where id = $1', values: [id] })
          if (at > 0) continue
          arrivals[self]?.resolve()
          await Promise.all(arrivals.map(({ promise }) => promise))
        }
      })
    await Promise.all([raise([1, 2], 0), raise([2, 1], 1)])
    expect(begun).toBe(3)
    const text = 'select array_agg(n) as counts from counters'
    expect(await db.query({ name: '', text, values: [] })).toEqual([{ counts: [2, 2] }])
    await db.close()
    await made.drop()
  })

  test('that does not answer in time is storage_unavailable', async () => {
    const made = await createTestDatabase('postgres')
    const db = await openDatabase({ ...made.options, statementTimeoutMs: 50 })
    const slow = db.query({ name: 'sleep', text: 'select pg_sleep(60)', values: [] })
    await expect(slow).rejects.toEqual(refusal('storage_unavailable'))
    await db.close()
    await made.drop()
  })
})

test('64-bit numbers arrive as numbers, wherever they stand', async () => {
  const made = await createTestDatabase('postgres')
  for (const options of [made.options, { dataDir: inMemory() }]) {
    const db = await openDatabase(options)
    const text = `select 9007199254740991::bigint as plain, array[1, 2]::bigint[] as list, '{"n": 3}'::jsonb as json`
    expect(await db.query({ name: '', text, values: [] })).toEqual([
      { plain: Number.MAX_SAFE_INTEGER, list: expect.anything(), json: { n: 3 } },
    ])
    await db.close()
  }
  await made.drop()
}, 60_000)
