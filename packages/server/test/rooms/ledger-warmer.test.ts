import type { UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { LedgerWarmer } from '../../src/actions/ledger-warmer.ts'
import { MemoryLedger } from '../../src/ledger/memory-ledger.ts'

const people = Array.from({ length: 5 }, (_, n) => `p${n}` as UserId)

function setUp() {
  const ledger = new MemoryLedger({ now: () => performance.now() })
  const database = {
    isAway: false,
    numbered: Promise.resolve(),
    snapshots: [] as (readonly UserId[])[],
  }
  const errors: unknown[] = []
  let warm = 1_000
  const warmer = new LedgerWarmer({
    ledger,
    nextWarms: async (count) => {
      if (database.isAway) throw new Error('away')
      await database.numbered
      return Array.from({ length: count }, () => ++warm)
    },
    readSnapshots: async (userIds) => {
      database.snapshots.push(userIds)
      return new Map()
    },
    leasesOf: () => [],
    onWarmed: () => {},
    onError: (error) => errors.push(error),
    batchSize: 10,
    maxConcurrent: 1,
    busyRetryMs: 1,
  })
  return { ledger, warmer, database, errors }
}

const stateOf = async (ledger: MemoryLedger, userId: UserId) => (await ledger.read([{ userId }]))[0]?.state

test('people asked for in one tick share one query, and each is warmed once', async () => {
  const { ledger, warmer, database } = setUp()
  await Promise.all([warmer.ensure(people.slice(0, 3)), warmer.ensure(people)])
  expect(database.snapshots.flat().sort()).toEqual(people)
  expect(database.snapshots.length).toBeLessThan(people.length)
  expect(await stateOf(ledger, people[0]!)).toBe('ready')
})

test('a database that is away is told once for all who wait, and they are warmed when asked for again', async () => {
  const { ledger, warmer, database, errors } = setUp()
  database.isAway = true
  warmer.again(people.map((userId) => ({ userId })))
  await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 15_000 })
  await expect(warmer.ensure(people)).rejects.toThrow('away')
  expect(errors).toHaveLength(2)
  database.isAway = false
  await warmer.ensure(people)
  expect(await stateOf(ledger, people[4]!)).toBe('ready')
})

test('a copy that came into doubt while somebody only asked for it is read anew', async () => {
  const { ledger, warmer, database } = setUp()
  const [ann] = people as [UserId]
  const { promise, resolve } = Promise.withResolvers<void>()
  database.numbered = promise
  const asked = warmer.ensure([ann])
  // Another node is faster, and what it read does not hold everything.
  await ledger.beginWarm([{ userId: ann, warm: 7 }])
  await ledger.finishWarm([{ userId: ann, warm: 7, registers: [] }])
  warmer.again([{ userId: ann }])
  resolve()
  await asked
  expect(database.snapshots).toEqual([[ann]])
})

test('a copy that another node made meanwhile is good enough for who only asked for it', async () => {
  const { ledger, warmer, database } = setUp()
  const [ann] = people as [UserId]
  const { promise, resolve } = Promise.withResolvers<void>()
  database.numbered = promise
  const asked = warmer.ensure([ann])
  await ledger.beginWarm([{ userId: ann, warm: 7 }])
  await ledger.finishWarm([{ userId: ann, warm: 7, registers: [] }])
  resolve()
  await asked
  expect(database.snapshots).toEqual([])
})
