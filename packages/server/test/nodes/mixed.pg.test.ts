import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { testRedis } from '../../test-support/test-redis.ts'
import { startTallyOn, type TestTally } from '../../test-support/test-tally.ts'

const WAIT = { timeout: 15_000, interval: 50 }

describe('[27] Redis switched off and on, one server after the other', () => {
  let database: TestDatabase
  const servers: TestTally[] = []
  const { url, prefix } = testRedis()
  const start = async (useRedis: boolean) => {
    const env = { REDIS_URL: url, TALLY_REDIS_PREFIX: prefix, FEATURE_REDIS: String(useRedis) }
    const server = await startTallyOn(database.options, { env })
    servers.push(server)
    return server
  }
  const stop = async (server: TestTally) => {
    servers.splice(servers.indexOf(server), 1)
    server.closeClients()
    await server.stop()
    expect(server.errors).toEqual([])
  }
  beforeAll(async () => {
    database = await createTestDatabase('postgres')
  })
  afterAll(async () => {
    for (const server of [...servers]) await stop(server)
    await database.drop()
  })

  const hears = async (device: AppClient, total: number) =>
    expect.poll(() => device.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WAIT).toBe(total)
  const showsTotal = async (server: TestTally, name: string, total: number) =>
    vi.waitFor(async () => expect(await server.badge(name)).toMatchObject({ total }), WAIT)

  test('what one kind commits is told by the other, and nothing of it is forgotten by the next', async () => {
    const withRedis = await start(true)
    const roomId = await withRedis.room('ann', 'ben')
    const ann = await withRedis.signIn('ann')
    await withRedis.send('ben', roomId, 'over Redis')
    await hears(ann, 1)

    const without = await start(false)
    const ben = await without.signIn('ben')
    await without.send('ben', roomId, 'from a server without')
    await hears(ann, 2)
    await showsTotal(withRedis, 'ann', 2)
    await withRedis.send('ann', roomId, 'to a server without')
    await hears(ben, 1)

    await stop(withRedis)
    await without.send('ben', roomId, 'while nobody uses Redis')
    const again = await start(true)
    await showsTotal(again, 'ann', 3)
    await showsTotal(without, 'ann', 3)
    await without.post(`/v1/rooms/${roomId}/read`, { as: 'ann', body: {} })
    await showsTotal(again, 'ann', 0)
    await recountAll(again.ctx.db)
  }, 60_000)

  test('switched off for a moment: what was committed meanwhile counts when it is on again', async () => {
    for (const server of [...servers]) await stop(server)
    const before = await start(true)
    const roomId = await before.room('cho', 'dan')
    await before.send('dan', roomId, 'one')
    await showsTotal(before, 'cho', 1)
    await stop(before)
    const meanwhile = await start(false)
    await meanwhile.send('dan', roomId, 'two')
    await stop(meanwhile)
    const after = await start(true)
    expect(await after.badge('cho')).toMatchObject({ total: 2 })
  }, 60_000)
})
