import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/open-database.ts'
import { DATABASES } from '../../test-support/host.ts'
import { recountAll } from '../../test-support/oracle.ts'
import {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseKind,
} from '../../test-support/test-database.ts'
import { Chance, SEED } from '../scenarios/seeded.ts'
import { Crowd } from './crowd.ts'
import { ServerProcess } from './server-process.ts'

const ROUNDS = 3

describe.each(DATABASES)('the end of a server, on %s', (kind) => {
  let database: TestDatabase
  const endings: (() => unknown)[] = []
  beforeAll(async () => {
    database = await lastingDatabase(kind)
  })
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })
  afterAll(() => database.drop())
  const start = async () => {
    const server = await ServerProcess.start(database.options)
    endings.push(() => server.kill())
    return server
  }
  const gather = async (chance: Chance) => {
    const crowd = await Crowd.gather(chance)
    endings.push(() => crowd.leave())
    return crowd
  }

  test.each([SEED])(
    'kill -9 in a stream of sends and reads: what was acknowledged is there once, in order, with exact badges (seed %i)',
    async (seed) => {
      const chance = new Chance(seed)
      const crowd = await gather(chance)
      let server = await start()
      await crowd.makeRooms(server.url)
      let open = 0
      for (let round = 1; round <= ROUNDS; round += 1) {
        crowd.moveTo(server.url)
        crowd.talk()
        await crowd.heard(30 + chance.below(150))
        // Somewhere between one commit and the next.
        await delay(chance.below(10))
        await server.kill()
        await crowd.silence()
        open += crowd.open

        server = await start()
        crowd.moveTo(server.url)
        await crowd.check()
        await crowd.sendAgain()
        expect(crowd.open).toBe(0)
        await crowd.check()
        await expectExactRows(database.options)
      }
      // Or it was no stream that was cut.
      expect(open).toBeGreaterThan(ROUNDS)
      expect(crowd.answered).toBeGreaterThan(ROUNDS * 30)
    },
    240_000,
  )

  test('SIGTERM in a stream: everything that was accepted is answered and there, and the exit code is 0', async () => {
    const crowd = await gather(new Chance(SEED))
    const server = await start()
    await crowd.makeRooms(server.url)
    crowd.moveTo(server.url)
    crowd.talk()
    await crowd.heard(100)
    expect(await server.terminate()).toBe(0)
    await crowd.silence()
    expect(server.output).not.toMatch(/"level":"(error|fatal)"/)

    const next = await start()
    crowd.moveTo(next.url)
    expect(await crowd.check()).toBe(0)
  }, 150_000)

  if (kind === 'pglite') {
    test('a second start while the folder is in use refuses, and says by whom', async () => {
      const server = await start()
      const { output, code } = await ServerProcess.fail(database.options)
      expect(code).toBe(1)
      expect(output).toContain(`is in use by process ${server.pid}; stop it, or set another DATA_DIR`)
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    }, 150_000)
  }
})

/** A database that outlives its server. */
async function lastingDatabase(kind: TestDatabaseKind): Promise<TestDatabase> {
  if (kind === 'postgres') return createTestDatabase(kind)
  const dataDir = await mkdtemp(join(tmpdir(), 'tally-'))
  return { options: { dataDir }, drop: () => rm(dataDir, { recursive: true }) }
}

/** By the rows themselves, where a server lets one look at them while another is there. */
async function expectExactRows(options: TestDatabase['options']): Promise<void> {
  if ('dataDir' in options) return
  const db = await openDatabase(options)
  try {
    await recountAll(db)
  } finally {
    await db.close()
  }
}
