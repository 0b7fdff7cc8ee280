import { afterEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedisCluster, startRedisServer } from '../../../../scripts/redis-server.ts'
import { LossWatch } from '../../src/redis/loss-watch.ts'
import { openRedis } from '../../src/redis/open-redis.ts'

const DEADLINE_MS = 15_000
/** Six servers have to start and to agree. */
const CLUSTER_DEADLINE_MS = 60_000

describe('whoever watches Redis for losses', () => {
  const closing: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function startServer(options: { port?: number } = {}): Promise<RedisServer> {
    const server = await startRedisServer(options)
    closing.push(() => server.stop())
    return server
  }

  async function open(options: { url: string; cluster?: boolean; commandTimeoutMs?: number }) {
    const redis = openRedis(options)
    closing.push(redis.close)
    await redis.untilReady(DEADLINE_MS)
    return redis
  }

  test('notices a flush, once, whatever the other nodes have noticed', async () => {
    const redis = await open(await startServer())
    const watches = ['a', 'b'].map((node) => new LossWatch({ redis, prefix: `test:watch:${node}:` }))
    const look = () => Promise.all(watches.map((watch) => watch.look()))
    expect(await look()).toEqual([false, false])
    expect(await look()).toEqual([false, false])
    await redis.client.flushall()
    expect(await look()).toEqual([true, true])
    expect(await look()).toEqual([false, false])
  })

  test('notices a Redis that is another process with the same keys', async () => {
    const first = await startServer()
    const redis = await open(first)
    const watch = new LossWatch({ redis, prefix: 'test:' })
    expect(await watch.look()).toBe(false)
    const copy = await redis.client.dumpBuffer('test:{0}')
    await first.stop()
    await expect(watch.look()).rejects.toThrow()
    await startServer({ port: first.port })
    await redis.untilReady(DEADLINE_MS)
    await redis.client.restore('test:{0}', 0, copy)
    expect(await watch.look()).toBe(true)
    expect(await watch.look()).toBe(false)
  })

  test('takes for lost what it could not hear of: a mark may have been made anew and the answer not come', async () => {
    const server = await startServer()
    const redis = await open({ url: server.url, commandTimeoutMs: 300 })
    const other = await open(server)
    const watch = new LossWatch({ redis, prefix: 'test:' })
    expect(await watch.look()).toBe(false)
    await other.client.flushall()
    process.kill(server.pid, 'SIGSTOP')
    await expect(watch.look()).rejects.toThrow()
    process.kill(server.pid, 'SIGCONT')
    await expect.poll(() => other.client.exists('test:{0}'), { timeout: DEADLINE_MS }).toBe(1)
    expect(await watch.look()).toBe(true)
    expect(await watch.look()).toBe(false)
  })

  test(
    'notices the flush of one server of a cluster',
    async () => {
      const cluster = await startRedisCluster()
      closing.push(() => cluster.stop())
      const redis = await open({ url: cluster.url, cluster: true })
      const watch = new LossWatch({ redis, prefix: 'test:' })
      expect(await watch.look()).toBe(false)
      expect(await watch.look()).toBe(false)
      const { client } = redis
      if (!('nodes' in client)) throw new Error('no cluster')
      await client.nodes('master')[1]!.flushall()
      expect(await watch.look()).toBe(true)
      expect(await watch.look()).toBe(false)
    },
    CLUSTER_DEADLINE_MS,
  )
})
