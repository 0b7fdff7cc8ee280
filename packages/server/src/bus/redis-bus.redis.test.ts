import { randomBytes } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type RedisCluster, startRedisCluster, startRedisServer } from '../../../../scripts/redis-server.ts'
import { testRedis } from '../../test-support/test-redis.ts'
import { openRedis } from '../redis/open-redis.ts'
import { type BusesUnderTest, busContract } from './bus.contract.ts'
import type { Frame } from './frames.ts'
import { RedisBus } from './redis-bus.ts'

const WAIT = { timeout: 15_000 }

type OpenBus = { url: string; nodeId: string; prefix: string; cluster?: boolean }

function openBus({ url, nodeId, prefix, cluster = false }: OpenBus) {
  const redis = openRedis({ url, cluster })
  const errors: unknown[] = []
  const published: { frames: number; ok: boolean }[] = []
  const onGap = vi.fn()
  const bus = new RedisBus({
    redis,
    nodeId,
    prefix,
    onGap,
    onError: (error) => errors.push(error),
    onPublished: (one) => published.push(one),
  })
  const heard: Frame[] = []
  bus.onFrames((frames) => heard.push(...frames))
  const close = async () => {
    await bus.close()
    redis.close()
  }
  return { bus, heard, errors, published, onGap, close }
}

async function busesOn(url: string, { cluster = false } = {}): Promise<BusesUnderTest> {
  const prefix = `test-${randomBytes(6).toString('hex')}:`
  const opened: ReturnType<typeof openBus>[] = []
  return {
    join: async (nodeId) => {
      const one = openBus({ url, nodeId, prefix, cluster })
      opened.push(one)
      await one.bus.untilReady(WAIT.timeout)
      return one.bus
    },
    close: async () => {
      await Promise.all(opened.map(({ close }) => close()))
    },
  }
}

const closed = (roomId: string): Frame => {
  return { kind: 'membership-ended', userId: 'u' as UserId, roomId: roomId as RoomId }
}

busContract('the bus over a Redis server', () => busesOn(testRedis().url))

describe('on a cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.stop())

  busContract('the bus over a Redis Cluster', () => busesOn(cluster.url, { cluster: true }))

  test('a node whose subscription broke is told once it hears the others again', async () => {
    const node = openBus({ url: cluster.url, nodeId: 'one', prefix: 'cut:', cluster: true })
    await node.bus.untilReady(WAIT.timeout)
    // Until then it may still be subscribing anew to what the client found out about the cluster at first.
    const other = openBus({ url: cluster.url, nodeId: 'two', prefix: 'cut:', cluster: true })
    await other.bus.untilReady(WAIT.timeout)
    const gapsBefore = node.onGap.mock.calls.length
    await Promise.all(cluster.servers.map(({ url }) => cutSubscribers(url)))
    await vi.waitFor(() => expect(node.onGap.mock.calls.length).toBeGreaterThan(gapsBefore), WAIT)
    other.bus.send('all', [closed('after')])
    await vi.waitFor(() => expect(node.heard).toContainEqual(closed('after')), WAIT)
    await Promise.all([node.close(), other.close()])
  })

  test('frames flow again when the server of their channel died and another took over', async () => {
    const url = cluster.servers.map((server) => server.url).join(',')
    const [one, two] = [1, 2].map((n) => openBus({ url, nodeId: `${n}`, prefix: 'failover:', cluster: true }))
    if (one === undefined || two === undefined) throw new Error('two nodes are needed')
    await Promise.all([one, two].map(({ bus }) => bus.untilReady(WAIT.timeout)))
    const port = await portOfChannel(cluster.url, 'failover:bus:all')
    await cluster.servers.find((server) => server.port === port)?.stop()
    one.bus.send('all', [closed('lost, or not')])
    let sent = 0
    await vi.waitFor(
      () => {
        sent += 1
        one.bus.send('all', [closed(`after ${sent}`)])
        expect(two.heard.filter((frame) => frame.kind === 'membership-ended').length).toBeGreaterThan(5)
      },
      { timeout: 60_000, interval: 100 },
    )
    await Promise.all([one.close(), two.close()])
  }, 90_000)
})

/** Every connection of this server that subscribes breaks. */
async function cutSubscribers(url: string): Promise<void> {
  const redis = openRedis({ url })
  await redis.untilReady(WAIT.timeout)
  await redis.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  redis.close()
}

/** Of the master that serves it. */
async function portOfChannel(url: string, channel: string): Promise<number | undefined> {
  const redis = openRedis({ url })
  await redis.untilReady(WAIT.timeout)
  const slot = Number(await redis.client.call('CLUSTER', 'KEYSLOT', channel))
  const ranges = (await redis.client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
  redis.close()
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1]
}

describe('while Redis is away', () => {
  test('this node hears itself at once, and nothing fails; when it is back frames flow again', async () => {
    const server = await startRedisServer()
    const prefix = 'away:'
    const one = openBus({ url: server.url, nodeId: 'one', prefix })
    const two = openBus({ url: server.url, nodeId: 'two', prefix })
    await Promise.all([one, two].map(({ bus }) => bus.untilReady(WAIT.timeout)))
    one.bus.send('all', [closed('before')])
    await vi.waitFor(() => expect(two.heard).toEqual([closed('before')]), WAIT)

    await server.stop()
    one.bus.send('all', [closed('away')])
    one.bus.send(['two'], [closed('lost')])
    expect(one.heard).toEqual([closed('before'), closed('away')])
    await vi.waitFor(() => expect(one.published.filter(({ ok }) => !ok)).toHaveLength(2), WAIT)

    await expect(one.bus.untilReady(1)).rejects.toThrow()
    expect(two.onGap).not.toHaveBeenCalled()

    const again = await startRedisServer({ port: server.port })
    await vi.waitFor(() => {
      one.bus.send(['two'], [closed('after')])
      two.bus.send(['one'], [closed('after')])
      expect(two.heard).toContainEqual(closed('after'))
      expect(one.heard).toContainEqual(closed('after'))
    }, WAIT)
    expect(two.heard).not.toContainEqual(closed('away'))
    expect(two.onGap).toHaveBeenCalledTimes(1)
    await Promise.all([one.close(), two.close()])
    await again.stop()
  })

  test('a node may start before Redis does', async () => {
    const first = await startRedisServer()
    await first.stop()
    const url = first.url
    const [one, two] = ['one', 'two'].map((nodeId) => openBus({ url, nodeId, prefix: 'early:' }))
    if (one === undefined || two === undefined) throw new Error('two nodes are needed')
    one.bus.send('all', [closed('early')])
    expect(one.heard).toEqual([closed('early')])
    const server = await startRedisServer({ port: first.port })
    await Promise.all([one, two].map(({ bus }) => bus.untilReady(WAIT.timeout)))
    one.bus.send(['two'], [closed('late')])
    await vi.waitFor(() => expect(two.heard).toEqual([closed('late')]), WAIT)
    await Promise.all([one.close(), two.close()])
    await server.stop()
  })
})

test('a node alone publishes nothing but that it lives, and who comes hears everything from the first moment', async () => {
  const { url, prefix } = testRedis()
  const alive = (nodeId: string): Frame => ({ kind: 'node-alive', nodeId, isLeaving: false })
  const one = openBus({ url, nodeId: 'one', prefix: `${prefix}alone:` })
  await one.bus.untilReady(WAIT.timeout)
  one.bus.send('all', [closed('first')])
  await vi.waitFor(() => expect(one.published).toHaveLength(1), WAIT)
  one.bus.send('all', [closed('for nobody')])
  one.bus.send('all', [alive('one'), closed('beside it')])
  await new Promise((resolve) => setImmediate(resolve))
  one.bus.send('all', [alive('one')])
  await vi.waitFor(() => expect(one.published).toHaveLength(3), WAIT)
  expect(one.published.map(({ frames }) => frames)).toEqual([1, 3, 1])
  one.bus.send('all', [closed('still for nobody')])

  for (let round = 0; round < 20; round += 1) {
    const other = openBus({ url, nodeId: `other ${round}`, prefix: `${prefix}alone:` })
    await other.bus.untilReady(WAIT.timeout)
    one.bus.send('all', [closed(`round ${round}`)])
    await vi.waitFor(() => expect(other.heard).toEqual([closed(`round ${round}`)]), WAIT)
    await other.close()
    // Alone again, as the next publish tells it.
    one.bus.send('all', [alive('one')])
    const published = one.published.length
    await vi.waitFor(() => expect(one.published.length).toBeGreaterThan(published), WAIT)
  }
  await one.close()
})

test('a node that hears nothing itself does not take the one listener there is for itself', async () => {
  const server = await startRedisServer()
  const [one, two] = ['one', 'two'].map((nodeId) => openBus({ url: server.url, nodeId, prefix: 'deaf:' }))
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  await one.bus.untilReady(WAIT.timeout)
  const admin = openRedis({ url: server.url, cluster: false })
  await admin.untilReady(WAIT.timeout)
  const listed = await admin.client.call('CLIENT', 'LIST', 'TYPE', 'pubsub')
  const [, ownSubscription] = /id=(\d+)/.exec(String(listed)) ?? []
  if (ownSubscription === undefined) throw new Error('nobody listens')
  await two.bus.untilReady(WAIT.timeout)

  // No connection can be made any more, so the one that is cut stays away.
  await admin.client.call('CONFIG', 'SET', 'maxclients', '1')
  await admin.client.call('CLIENT', 'KILL', 'ID', ownSubscription)
  const sent: Frame[] = []
  for (let round = 0; round < 5; round += 1) {
    const frame = closed(`round ${round}`)
    sent.push(frame)
    one.bus.send('all', [frame])
    await vi.waitFor(() => expect(two.heard).toEqual(sent), WAIT)
  }
  admin.close()
  await Promise.all([one.close(), two.close()])
  await server.stop()
})

test('what one turn has for a target leaves in one publish', async () => {
  const { url, prefix } = testRedis()
  const one = openBus({ url, nodeId: 'one', prefix })
  const two = openBus({ url, nodeId: 'two', prefix })
  await Promise.all([one, two].map(({ bus }) => bus.untilReady(WAIT.timeout)))
  for (let index = 0; index < 50; index += 1) {
    one.bus.send('all', [closed('to all')])
    one.bus.send(['one', 'two'], [closed('to some')])
  }
  await vi.waitFor(() => expect(two.heard).toHaveLength(100), WAIT)
  expect(one.published).toEqual([
    { frames: 50, ok: true },
    { frames: 50, ok: true },
  ])
  await Promise.all([one.close(), two.close()])
})

test('what was sent just before a node closes its bus still leaves', async () => {
  const { url, prefix } = testRedis()
  const one = openBus({ url, nodeId: 'one', prefix })
  const two = openBus({ url, nodeId: 'two', prefix })
  await Promise.all([one, two].map(({ bus }) => bus.untilReady(WAIT.timeout)))
  one.bus.send('all', [{ kind: 'node-alive', nodeId: 'one', isLeaving: true }])
  await one.close()
  await vi.waitFor(() => expect(two.heard).toHaveLength(1), WAIT)
  await two.close()
})
