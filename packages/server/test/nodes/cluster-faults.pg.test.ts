import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type RedisCluster, startRedisCluster } from '../../../../scripts/redis-server.ts'
import { openRedis } from '../../src/redis/open-redis.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { startTallyOn } from '../../test-support/test-tally.ts'

const NO_LIMITS = {
  TALLY_SENDS_PER_SECOND: '100000',
  TALLY_SEND_BURST: '100000',
  TALLY_REQUESTS_PER_SECOND: '100000',
  TALLY_REQUEST_BURST: '100000',
}
const WAIT = { timeout: 30_000, interval: 50 }

let cluster: RedisCluster
let database: TestDatabase
beforeAll(async () => {
  ;[cluster, database] = await Promise.all([startRedisCluster(), createTestDatabase('postgres')])
}, 60_000)
afterAll(async () => {
  await database.drop()
  await cluster.stop()
})

test('while one server of a cluster hangs a node does not go back and forth between two ledgers', async () => {
  const url = cluster.servers.map((server) => server.url).join(',')
  const env = { REDIS_URL: url, REDIS_CLUSTER: 'true', TALLY_REDIS_PREFIX: 'hangs:', ...NO_LIMITS }
  const tally = await startTallyOn(database.options, { env })
  const people = Array.from({ length: 40 }, (_, n) => `person-${n}`)
  const roomId = await tally.room('writer', ...people)
  const said = (text: string) => tally.log.filter((line) => line.includes(text)).length
  await tally.send('writer', roomId, 'before')
  expect(said('Redis is')).toBe(0)

  // Not the one that says who uses Redis: that one goes on answering.
  const saying = await masterOf('hangs:{0}:used-by')
  const witness = cluster.servers.find(({ port }) => port === saying)!
  const masters = await masterPorts()
  const hung = cluster.servers.find(({ port }) => port !== saying && masters.includes(port))!
  process.kill(hung.pid, 'SIGSTOP')
  const isReplaced = async () => (await masterPorts(witness.url)).every((port) => port !== hung.port)
  for (let returns = 0; !(await isReplaced()); returns = said('Redis is back')) {
    expect(returns).toBe(0)
    await tally.send('writer', roomId, 'while it hangs')
  }
  await vi.waitFor(() => expect(said('Redis is back')).toBeGreaterThan(0), WAIT)
  expect(await tally.badge('person-1')).toMatchObject({ unreadRooms: 1 })
  process.kill(hung.pid, 'SIGCONT')
  await tally.stop()
  expect(tally.errors).toEqual([])
}, 90_000)

type Slots = [from: number, to: number, master: [host: string, port: number]][]

async function ask<T>(url: string, ...command: [string, ...string[]]): Promise<T> {
  const redis = openRedis({ url })
  await redis.untilReady(WAIT.timeout)
  const answer = await redis.client.call(...command)
  redis.close()
  return answer as T
}

const masterPorts = async (url = cluster.url) =>
  (await ask<Slots>(url, 'CLUSTER', 'SLOTS')).map(([, , [, port]]) => port)

async function masterOf(key: string): Promise<number | undefined> {
  const slot = await ask<number>(cluster.url, 'CLUSTER', 'KEYSLOT', key)
  return (await ask<Slots>(cluster.url, 'CLUSTER', 'SLOTS')).find(
    ([from, to]) => from <= slot && slot <= to,
  )?.[2][1]
}
