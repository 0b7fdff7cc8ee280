import { afterEach, expect, test, vi } from 'vitest'
import { startRedisServer } from '../../../../scripts/redis-server.ts'
import { RedisChannels } from '../../src/bus/redis-channels.ts'
import { openRedis } from '../../src/redis/open-redis.ts'
import { forgetfulWay } from '../../test-support/forgetful-way.ts'

const DEADLINE_MS = 15_000

const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test('listens anew when nothing is heard any more, although nobody closed the connections', async () => {
  const server = await startRedisServer()
  closing.push(() => server.stop())
  const way = await forgetfulWay(server.port)
  closing.push(way.close)
  const redis = openRedis({ url: `redis://127.0.0.1:${way.port}`, commandTimeoutMs: 200 })
  const other = openRedis({ url: server.url })
  closing.push(redis.close, other.close)
  const [heard, onResubscribed] = [vi.fn(), vi.fn()]
  const channels = new RedisChannels({
    redis,
    channels: ['news'],
    onMessage: heard,
    onResubscribed,
    onError: () => {},
  })
  closing.push(() => channels.close())
  await channels.untilSubscribed(DEADLINE_MS)
  await other.untilReady(DEADLINE_MS)
  way.forget()
  // What shows that the connection is dead: nobody answers.
  await expect(channels.publish('news', 'lost')).rejects.toThrow('Command timed out')
  await vi.waitFor(() => expect(onResubscribed).toHaveBeenCalled(), DEADLINE_MS)
  await other.client.publish('news', 'heard')
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('heard'), DEADLINE_MS)
})
