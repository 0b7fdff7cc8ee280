import { afterEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedisCluster, startRedisServer } from '../../../../scripts/redis-server.ts'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'
import { RedisFunction } from '../../src/redis/redis-function.ts'

const DEADLINE_MS = 15_000
/** Six servers have to start and to agree. */
const CLUSTER_DEADLINE_MS = 60_000

/** Counts its calls since it began. */
const COUNTER = `
local calls = 0
return function(keys, arguments)
  calls = calls + 1
  redis.call('SET', keys[1], arguments[1])
  return calls
end`

describe('a function in Redis', () => {
  const closing: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function startServer(port?: number): Promise<RedisServer> {
    const server = await startRedisServer(port === undefined ? {} : { port })
    closing.push(() => server.stop())
    return server
  }
  async function open(options: { url: string; cluster?: boolean }): Promise<OpenedRedis> {
    const redis = openRedis(options)
    closing.push(redis.close)
    await redis.untilReady(DEADLINE_MS)
    return redis
  }
  const librariesOf = async ({ client }: OpenedRedis) => (await client.function('LIST')) as unknown[]

  test('makes once what it begins with, for all who call it', async () => {
    const server = await startServer()
    const [one, another] = [await open(server), await open(server)]
    expect(await new RedisFunction(COUNTER).run(one.client, ['key'], ['a'])).toBe(1)
    expect(await new RedisFunction(COUNTER).run(another.client, ['key'], ['b'])).toBe(2)
    expect(await one.client.get('key')).toBe('b')
  })

  test('stands beside another version of itself', async () => {
    const { client } = await open(await startServer())
    const [old, young] = [COUNTER, COUNTER.replace('calls + 1', 'calls + 10')].map(
      (text) => new RedisFunction(text),
    )
    for (const round of [1, 2]) {
      expect(await old!.run(client, ['key'], ['a'])).toBe(round)
      expect(await young!.run(client, ['key'], ['a'])).toBe(round * 10)
    }
  })

  test('is loaded once, however many calls find it missing', async () => {
    const { client } = await open(await startServer())
    const counter = new RedisFunction(COUNTER)
    const calls = await Promise.all(Array.from({ length: 20 }, () => counter.run(client, ['key'], ['a'])))
    expect(calls.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
  })

  test('is loaded again when Redis lost it, and not when it lost its keys', async () => {
    const server = await startServer()
    const redis = await open(server)
    const counter = new RedisFunction(COUNTER)
    const call = () => counter.run(redis.client, ['key'], ['a'])
    expect(await call()).toBe(1)
    await redis.client.flushall()
    expect(await call()).toBe(2)
    await redis.client.function('FLUSH')
    expect(await call()).toBe(1)
    await server.stop()
    await expect(call()).rejects.toThrow()
    await startServer(server.port)
    await redis.untilReady(DEADLINE_MS)
    expect(await call()).toBe(1)
  })

  test('leaves nothing behind but the libraries of some versions, and of others', async () => {
    const redis = await open(await startServer())
    await redis.client.function('LOAD', `#!lua name=foreign\nredis.register_function('f', function() end)`)
    for (let version = 0; version < 40; version += 1) {
      await new RedisFunction(`-- ${version}\n${COUNTER}`).run(redis.client, ['key'], ['a'])
      expect((await librariesOf(redis)).length).toBeLessThanOrEqual(17)
    }
    expect(JSON.stringify(await librariesOf(redis))).toContain('foreign')
    // Whoever still uses one that went loads it again.
    expect(await new RedisFunction(`-- 0\n${COUNTER}`).run(redis.client, ['key'], ['a'])).toBe(1)
  })

  test.each([
    ['load', '-function'],
    ['call', '-fcall'],
  ])('is run as a script for a user who may not %s functions', async (_, refused) => {
    const server = await startServer()
    const admin = await open(server)
    await admin.client.acl('SETUSER', 'tally', 'on', '>secret', '~*', '&*', '+@all', refused)
    const { client } = await open({ url: server.url.replace('redis://', 'redis://tally:secret@') })
    const counter = new RedisFunction(COUNTER)
    for (const value of ['a', 'b']) {
      expect(await counter.run(client, ['key'], [value])).toBe(1)
      expect(await admin.client.get('key')).toBe(value)
    }
  })

  test('fails with what it fails with', async () => {
    const { client } = await open(await startServer())
    const broken = new RedisFunction(`return function() return redis.error_reply('WRONG as it is') end`)
    await expect(broken.run(client, ['key'], [])).rejects.toThrow('WRONG as it is')
    await expect(new RedisFunction('return nonsense(').run(client, ['key'], [])).rejects.toThrow('compiling')
  })

  test(
    'is loaded into every master of a cluster, and again into one that lost it',
    async () => {
      const cluster = await startRedisCluster()
      closing.push(() => cluster.stop())
      const { client } = await open({ url: cluster.url, cluster: true })
      const counter = new RedisFunction(COUNTER)
      const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
      const callAll = () => Promise.all(keys.map((key) => counter.run(client, [key], [key])))
      await callAll()
      for (const { port } of cluster.servers.slice(0, 2)) {
        const server = await open({ url: `redis://127.0.0.1:${port}` })
        await server.client.function('FLUSH').catch(() => {})
      }
      await callAll()
      expect(await client.get('key-29')).toBe('key-29')
    },
    CLUSTER_DEADLINE_MS,
  )
})
