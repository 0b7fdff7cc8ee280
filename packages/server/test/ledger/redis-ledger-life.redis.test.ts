import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startRedisCluster, startRedisServer } from '../../../../scripts/redis-server.ts'
import type { LedgerRegister } from '../../src/core/registers.ts'
import { ledgerScript } from '../../src/ledger/ledger-script.ts'
import { RedisLedger, type RedisLedgerOptions } from '../../src/ledger/redis-ledger.ts'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'
import { testRedis } from '../../test-support/test-redis.ts'

const DEADLINE_MS = 30_000
/** Six servers have to start and to agree; then a replica to notice that its primary is gone. */
const CLUSTER_DEADLINE_MS = 120_000
const FAILOVER_DEADLINE = { timeout: 60_000, interval: 200 }
const IDLE_TTL_MS = 600_000
const ALICE = 'alice' as UserId
const BOB = 'bob' as UserId
const ROOM = 'room-1' as RoomId
const OTHER_ROOM = 'room-2' as RoomId

describe('a key of the ledger in Redis', () => {
  const closing: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function connect(url = testRedis().url): Promise<OpenedRedis> {
    const redis = openRedis({ url })
    closing.push(redis.close)
    await redis.untilReady(DEADLINE_MS)
    return redis
  }
  async function startServer(port?: number) {
    const server = await startRedisServer(port === undefined ? {} : { port })
    closing.push(() => server.stop())
    return server
  }
  async function setup(redis: OpenedRedis, options: Partial<RedisLedgerOptions> = {}) {
    const { prefix } = testRedis()
    const ledger = new RedisLedger({ redis, prefix, epoch: () => 0, idleTtlMs: IDLE_TTL_MS, ...options })
    const keysOf = (part: 'u' | 'c' | 'l') => redis.client.keys(`${prefix}{*}:${part}:*`)
    const ttlMs = async (part: 'u' | 'c' | 'l') => redis.client.pttl((await keysOf(part))[0]!)
    return { ledger, keysOf, ttlMs }
  }

  test('is cold when its warm number is not above the epoch', async () => {
    let epoch = 0
    const { ledger, keysOf } = await setup(await connect(), { epoch: () => epoch })
    await warm(ledger, 7)
    epoch = 6
    expect(await stateOf(ledger)).toBe('ready')
    epoch = 7
    expect(await stateOf(ledger)).toBe('cold')
    expect(await keysOf('u')).toEqual([])
    await warm(ledger, 8)
    expect(await stateOf(ledger)).toBe('ready')
  })

  test('answers however many people are asked about at once', async () => {
    const { ledger } = await setup(await connect())
    await warm(ledger, 7)
    const strangers = Array.from({ length: 150_000 }, (_, index) => ({ userId: `user-${index}` as UserId }))
    const views = await ledger.read([...strangers, { userId: ALICE }])
    expect(views).toHaveLength(150_001)
    expect(views.at(-1)).toMatchObject({ userId: ALICE, state: 'ready' })
  })

  test.each([0, 1])(
    'is cold on a replica that became the primary, after %i messages: its copy may be an old one',
    async (told) => {
      const [old, next] = [await startServer(), await startServer()]
      const [onOld, onNext] = [await connect(old.url), await connect(next.url)]
      const prefix = 'life:'
      const { ledger } = await setup(onOld, { prefix })
      await warm(ledger, 1)
      if (told > 0) await ledger.apply([message(told)])
      const keys = await onOld.client.dbsize()
      await onNext.client.call('REPLICAOF', '127.0.0.1', String(old.port))
      await vi.waitFor(async () => expect(await onNext.client.dbsize()).toBe(keys), DEADLINE_MS)
      await old.stop()
      await onNext.client.call('REPLICAOF', 'NO', 'ONE')
      const { ledger: promoted } = await setup(onNext, { prefix })
      expect(await promoted.apply([message(2)])).toEqual([{ userId: ALICE, state: 'cold' }])
      expect(await onNext.client.dbsize()).toBe(0)
    },
  )

  test(
    'is cold where a server of a cluster was lost, and there alone, as soon as its replica has taken over',
    async () => {
      const cluster = await startRedisCluster()
      closing.push(() => cluster.stop())
      const redis = openRedis({ url: cluster.servers.map(({ url }) => url).join(','), cluster: true })
      closing.push(redis.close)
      await redis.untilReady(DEADLINE_MS)
      const { ledger } = await setup(redis)
      const users = Array.from({ length: 60 }, (_, index) => `user-${index}` as UserId)
      const states = async () =>
        new Set((await ledger.read(users.map((userId) => ({ userId })))).map(({ state }) => state))
      await ledger.beginWarm(users.map((userId) => ({ userId, warm: 1 })))
      await ledger.finishWarm(users.map((userId) => ({ userId, warm: 1, registers: [] })))
      expect(await states()).toEqual(new Set(['ready']))
      await cluster.servers[0]!.stop()
      await vi.waitFor(
        async () => expect(await states()).toEqual(new Set(['ready', 'cold'])),
        FAILOVER_DEADLINE,
      )
    },
    CLUSTER_DEADLINE_MS,
  )

  test('is cold after FLUSHALL and after a restart, and the ledger goes on without being told', async () => {
    const server = await startServer()
    const redis = await connect(server.url)
    const { ledger } = await setup(redis)
    await warm(ledger, 1)
    await redis.client.flushall()
    expect(await stateOf(ledger)).toBe('cold')
    await warm(ledger, 2)
    await server.stop()
    await vi.waitFor(() => expect(redis.client.status).not.toBe('ready'), DEADLINE_MS)
    await expect(ledger.apply([message(2)])).rejects.toThrow()
    await startServer(server.port)
    await redis.untilReady(DEADLINE_MS)
    expect(await stateOf(ledger)).toBe('cold')
    await warm(ledger, 3)
    expect(await stateOf(ledger)).toBe('ready')
  })

  test('is served by a Redis that forgot the script', async () => {
    const redis = await connect()
    const { ledger } = await setup(redis)
    await warm(ledger, 1)
    await redis.client.script('FLUSH')
    expect(await ledger.apply([message(3)])).toMatchObject([{ state: 'ready', badge: { total: 3 } }])
  })

  test('is cold when Redis, short of memory, took a part of it', async () => {
    const redis = await connect()
    const { ledger, keysOf } = await setup(redis)
    for (const part of ['c', 'l'] as const) {
      await warm(ledger, part === 'c' ? 1 : 2)
      await ledger.apply([message(1)])
      await ledger.apply([{ userId: ALICE, leases: [opened(30_000)] }])
      await redis.client.del(await keysOf(part))
      expect(await ledger.apply([message(2)])).toEqual([{ userId: ALICE, state: 'cold' }])
      expect(await keysOf('u')).toEqual([])
    }
  })

  test('is cold when Redis took the list of what changed from somebody who has nothing open', async () => {
    const { ledger, keysOf } = await setup(await connect())
    await warm(ledger, 1)
    await ledger.apply([message(1)])
    await ledger.apply([message(2)])
    await (await connect()).client.del(await keysOf('c'))
    expect(await ledger.apply([message(3)])).toEqual([{ userId: ALICE, state: 'cold' }])
    for (const part of ['u', 'c'] as const) expect(await keysOf(part)).toEqual([])
  })

  test('counts on without leases that Redis took, where no room was open, until somebody needs them', async () => {
    const redis = await connect()
    const { ledger, keysOf } = await setup(redis)
    await warm(ledger, 1)
    await ledger.apply([message(1)])
    await ledger.apply([{ userId: ALICE, leases: [connected(30_000)] }])
    await redis.client.del(await keysOf('l'))
    expect(await ledger.apply([message(2)])).toMatchObject([{ badge: { total: 2 }, nodes: ['node-1'] }])
    const again = { userId: ALICE, leases: [connected(30_000)] }
    expect(await ledger.apply([again])).toEqual([{ userId: ALICE, state: 'cold' }])
  })

  test.each<
    [what: string, part: 'u' | 'c' | 'l', spoil: (redis: OpenedRedis, key: string) => Promise<unknown>]
  >([
    ['registers of another type', 'u', async ({ client }, key) => client.set(key, 'not a hash')],
    ['numbers that cannot be read', 'u', async ({ client }, key) => client.hset(key, 'm', 'nonsense')],
    ['a warming that cannot be read', 'u', async ({ client }, key) => client.hset(key, 'w', '')],
    ['changes of another type', 'c', async ({ client }, key) => client.set(key, 'not sorted')],
    ['leases that cannot be read', 'l', async ({ client }, key) => client.set(key, 'nonsense')],
  ])(
    'is thrown away when it has %s, and others in the same step are not concerned',
    async (_, part, spoil) => {
      const redis = await connect()
      const { ledger, keysOf } = await setup(redis)
      await warm(ledger, 1)
      await ledger.apply([message(1)])
      await ledger.apply([{ userId: ALICE, leases: [opened(30_000)] }])
      await spoil(redis, (await keysOf(part))[0]!)
      await ledger.beginWarm([{ userId: BOB, warm: 1 }])
      await ledger.finishWarm([{ userId: BOB, warm: 1, registers: [fresh(ROOM)] }])
      const [alice, bob] = await ledger.apply([message(2), { ...message(2), userId: BOB }])
      expect(alice).toEqual({ userId: ALICE, state: 'cold' })
      expect(bob).toMatchObject({ userId: BOB, state: 'ready', badge: { total: 2 } })
      await warm(ledger, 2)
      expect(await ledger.apply([message(3)])).toMatchObject([{ state: 'ready', badge: { total: 3 } }])
    },
  )

  test('is not thrown away by a Redis without memory: the call fails', async () => {
    const server = await startServer()
    const redis = await connect(server.url)
    const { ledger, keysOf } = await setup(redis)
    await warm(ledger, 1)
    await redis.client.config('SET', 'maxmemory', '1')
    await expect(ledger.apply([message(1)])).rejects.toThrow(/^OOM/)
    expect(await keysOf('u')).toHaveLength(1)
  })

  test('is cold when its revs are used up, and gone, so that the next warming gives new ones', async () => {
    const { ledger, keysOf } = await setup(await connect(), {
      script: ledgerScript().replace('REVS_PER_WARM = 1048576', 'REVS_PER_WARM = 4'),
    })
    await warm(ledger, 1)
    for (const tally of [1, 2, 3])
      expect(await ledger.apply([message(tally)])).toMatchObject([{ state: 'ready' }])
    expect(await ledger.apply([message(4)])).toEqual([{ userId: ALICE, state: 'cold' }])
    expect(await keysOf('u')).toEqual([])
  })

  test('stays for the idle time, and by a lease for as long as that and the idle time', async () => {
    const { ledger, ttlMs } = await setup(await connect())
    await warm(ledger, 1)
    expectNearly(await ttlMs('u'), IDLE_TTL_MS)
    await ledger.apply([{ userId: ALICE, leases: [opened(90_000), connected(30_000)] }])
    await ledger.apply([message(1, OTHER_ROOM)])
    for (const part of ['u', 'c', 'l'] as const) expectNearly(await ttlMs(part), IDLE_TTL_MS + 90_000)
    await ledger.apply([{ userId: ALICE, leases: [{ kind: 'disconnect', deviceId: 'phone' }] }])
    expectNearly(await ttlMs('u'), IDLE_TTL_MS)
  })

  // With 36 characters what is known of the leases has place at first, and not after such a leap.
  test.each([
    [36, [1, 2, 70_000]],
    [60, [1, 2]],
  ])('takes no more memory per room with a node whose name has %i characters', async (length, tallies) => {
    const redis = await connect()
    const { ledger, keysOf } = await setup(redis)
    await warm(ledger, 1)
    const lease = { ...connected(30_000), nodeId: 'n'.repeat(length) }
    await ledger.apply([{ userId: ALICE, leases: [lease] }])
    for (const tally of tallies) {
      expect(await ledger.apply([message(tally)])).toMatchObject([
        { badge: { total: tally }, nodes: [lease.nodeId] },
      ])
    }
    expect(await redis.client.object('ENCODING', (await keysOf('u'))[0]!)).toBe('listpack')
  })

  test('is not kept by events that pass by', async () => {
    const redis = await connect()
    const { ledger, keysOf, ttlMs } = await setup(redis)
    await warm(ledger, 1)
    await redis.client.pexpire((await keysOf('u'))[0]!, IDLE_TTL_MS / 2)
    await ledger.apply([message(1)])
    for (const part of ['u', 'c'] as const) expectNearly(await ttlMs(part), IDLE_TTL_MS / 2)
    await ledger.read([{ userId: ALICE }])
    for (const part of ['u', 'c'] as const) expectNearly(await ttlMs(part), IDLE_TTL_MS)
  })

  test('goes by itself, and is counted as expired', async () => {
    const server = await startServer()
    const { ledger } = await setup(await connect(server.url), { idleTtlMs: 20, statsMaxAgeMs: 0 })
    await warm(ledger, 1)
    await vi.waitFor(
      async () => expect(await ledger.stats()).toMatchObject({ users: 0, expired: 1 }),
      DEADLINE_MS,
    )
    expect(await stateOf(ledger)).toBe('cold')
  })

  test('takes its time from Redis, whatever the clock of the node says', async () => {
    const { ledger } = await setup(await connect())
    await warm(ledger, 1)
    await ledger.apply([message(5), { userId: ALICE, leases: [opened(1)] }])
    const lapsed = () => ledger.read([{ userId: ALICE }])
    await vi.waitFor(async () => expect(await lapsed()).toMatchObject([{ badge: { total: 5 } }]), DEADLINE_MS)
  })
})

async function warm(ledger: RedisLedger, number: number): Promise<void> {
  expect(await ledger.beginWarm([{ userId: ALICE, warm: number }])).toEqual(['begun'])
  const registers = [ROOM, OTHER_ROOM].map(fresh)
  await ledger.finishWarm([{ userId: ALICE, warm: number, registers }])
}

function fresh(roomId: RoomId): LedgerRegister {
  const flags = { left: false, muted: false, archivedAtTally: null }
  return { roomId, kind: 'room', tally: 0, change: 0, settled: 0, version: 1, flags }
}

function message(tally: number, roomId = ROOM) {
  return { userId: ALICE, rooms: [{ roomId, tally, change: tally }] }
}

function opened(ttlMs: number) {
  return { kind: 'open', deviceId: 'phone', roomId: ROOM, readEpoch: 0, ttlMs } as const
}

function connected(ttlMs: number) {
  return { kind: 'connect', deviceId: 'phone', nodeId: 'node-1', ttlMs } as const
}

/** What is left of a time that was set just now, even on a very slow machine. */
function expectNearly(leftMs: number, setMs: number): void {
  expect(leftMs).toBeLessThanOrEqual(setMs)
  expect(leftMs).toBeGreaterThan(setMs - DEADLINE_MS)
}

async function stateOf(ledger: RedisLedger): Promise<string> {
  const [view] = await ledger.read([{ userId: ALICE }])
  return view!.state
}
