import { afterEach, describe, expect, test, vi } from 'vitest'
import { startRedisCluster, startRedisServer } from '../../../../scripts/redis-server.ts'
import { type OpenedRedis, type OpenRedisOptions, openRedis } from '../../src/redis/open-redis.ts'
import { forgetfulWay } from '../../test-support/forgetful-way.ts'
import { testRedis } from '../../test-support/test-redis.ts'

const DEADLINE_MS = 15_000

/** Six servers have to start and to agree. */
const CLUSTER_DEADLINE_MS = 60_000

describe('a connection to Redis', () => {
  const closing: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  function open(options: OpenRedisOptions): OpenedRedis {
    const redis = openRedis(options)
    closing.push(redis.close)
    return redis
  }

  test('is ready soon and answers', async () => {
    const { url, prefix } = testRedis()
    const redis = open({ url })
    await redis.untilReady(DEADLINE_MS)
    await redis.client.set(`${prefix}a`, '1', 'PX', 60_000)
    expect(await redis.client.get(`${prefix}a`)).toBe('1')
  })

  test('refuses a command at once while Redis is away, and works again when it is back, without being told', async () => {
    const server = await startRedisServer()
    closing.push(() => server.stop())
    const onError = vi.fn()
    const { client, untilReady } = open({ url: server.url, onError })
    await untilReady(DEADLINE_MS)
    await server.stop()
    await vi.waitFor(() => expect(client.status).not.toBe('ready'), DEADLINE_MS)
    await expect(client.get('a')).rejects.toThrow(
      "Stream isn't writeable and enableOfflineQueue options is false",
    )
    await vi.waitFor(() => expect(onError).toHaveBeenCalled(), DEADLINE_MS)
    const again = await startRedisServer({ port: server.port })
    closing.push(() => again.stop())
    await untilReady(DEADLINE_MS)
    expect(await client.get('a')).toBeNull()
  })

  test('gives a command up that a hung Redis does not answer', async () => {
    const server = await startRedisServer()
    closing.push(() => server.stop())
    const { client, untilReady } = open({ url: server.url, commandTimeoutMs: 200 })
    await untilReady(DEADLINE_MS)
    process.kill(server.pid, 'SIGSTOP')
    await expect(client.get('a')).rejects.toThrow('Command timed out')
    process.kill(server.pid, 'SIGCONT')
    await vi.waitFor(async () => expect(await client.get('a')).toBeNull(), DEADLINE_MS)
  })

  test('connects anew when nothing is heard any more, although nobody closed the connection', async () => {
    const server = await startRedisServer()
    closing.push(() => server.stop())
    const way = await forgetfulWay(server.port)
    closing.push(way.close)
    const { client, untilReady } = open({ url: `redis://127.0.0.1:${way.port}`, commandTimeoutMs: 200 })
    await untilReady(DEADLINE_MS)
    way.forget()
    await expect(client.get('a')).rejects.toThrow('Command timed out')
    await vi.waitFor(async () => expect(await client.get('a')).toBeNull(), DEADLINE_MS)
  })

  test('connects anew when its primary became a replica', async () => {
    const [server, other] = [await startRedisServer(), await startRedisServer()]
    closing.push(
      () => server.stop(),
      () => other.stop(),
    )
    const { client, untilReady } = open({ url: server.url })
    await untilReady(DEADLINE_MS)
    const reconnected = vi.fn()
    client.on('ready', reconnected)
    await client.call('REPLICAOF', '127.0.0.1', String(other.port))
    await expect(client.set('a', '1')).rejects.toThrow('READONLY')
    await vi.waitFor(() => expect(reconnected).toHaveBeenCalled(), DEADLINE_MS)
  })

  test('says when Redis could not be reached in time', async () => {
    const server = await startRedisServer()
    await server.stop()
    await expect(open({ url: server.url }).untilReady(100)).rejects.toThrow(
      'could not be reached within 100 ms',
    )
  })

  test(
    'finds every slot of a cluster from any of its servers',
    async () => {
      const cluster = await startRedisCluster()
      closing.push(() => cluster.stop())
      const url = cluster.servers.map((server) => server.url).join(',')
      const redis = open({ url, cluster: true })
      await redis.untilReady(DEADLINE_MS)
      for (let index = 0; index < 50; index += 1) {
        await redis.client.set(`key-${index}`, index)
        expect(await redis.client.get(`key-${index}`)).toBe(String(index))
      }
    },
    CLUSTER_DEADLINE_MS,
  )
})
