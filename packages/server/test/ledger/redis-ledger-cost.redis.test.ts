import { randomUUID } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedisServer } from '../../../../scripts/redis-server.ts'
import type { LedgerRegister } from '../../src/core/registers.ts'
import { RedisLedger } from '../../src/ledger/redis-ledger.ts'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'

const DEADLINE_MS = 30_000
const CALLS = 20

describe('the ledger in Redis', () => {
  let server: RedisServer
  let redis: OpenedRedis
  let ledger: RedisLedger
  let lastWarm = 0
  beforeAll(async () => {
    server = await startRedisServer()
    redis = openRedis({ url: server.url, commandTimeoutMs: DEADLINE_MS })
    await redis.untilReady(DEADLINE_MS)
    ledger = new RedisLedger({ redis, epoch: () => 0, statsMaxAgeMs: 0 })
  })
  beforeEach(() => redis.client.flushall())
  afterAll(async () => {
    redis.close()
    await server.stop()
  })

  async function warm(names: readonly string[], roomIds: readonly RoomId[]): Promise<void> {
    const users = names.map((name) => {
      lastWarm += 1
      return { userId: name as UserId, warm: lastWarm }
    })
    await ledger.beginWarm(users)
    const registers = roomIds.map(bareRegister)
    await ledger.finishWarm(users.map((user) => ({ ...user, registers })))
  }
  async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
    await redis.client.config('RESETSTAT')
    await work()
    const stats = await redis.client.info('commandstats')
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, count]) => [
      name,
      Number(count),
    ])
    return Object.fromEntries(calls)
  }

  // What a user's registers take, on Redis 7.0 with `hash-max-listpack-entries 512`; print them with
  // `LEDGER_FIGURES=1 npx vitest run redis-ledger-cost`.
  test.each([
    { ids: 'the ids the server gives', idOf: () => randomUUID(), bytes: 6_216 },
    { ids: 'short ids of a host', idOf: (index: number) => `r${index}`, bytes: 3_144 },
  ])('takes no more than $bytes bytes, and 10 %, for 200 rooms with $ids', async ({ idOf, bytes }) => {
    await warm(
      ['alice'],
      Array.from({ length: 200 }, (_, index) => idOf(index) as RoomId),
    )
    const [key] = await redis.client.keys('tally:*:u:alice')
    const taken = Number(await redis.client.memory('USAGE', key!))
    print(`200 rooms: ${taken} bytes`)
    expect(taken).toBeLessThan(bytes * 1.1)
  })

  test('merges a message for somebody in 10,000 rooms with the commands that one room takes', async () => {
    const rooms = Array.from({ length: 10_000 }, () => randomUUID() as RoomId)
    await warm(['alice'], rooms.slice(0, 1))
    await warm(['bob'], rooms)
    const messages = (name: string) => async () => {
      for (let tally = 1_000; tally < 1_000 + CALLS; tally += 1) {
        const update = { roomId: rooms[0]!, tally, change: tally }
        expect(await ledger.apply([{ userId: name as UserId, rooms: [update] }])).toMatchObject([
          { state: 'ready', rooms: [{ change: tally }] },
        ])
      }
    }
    const ofOne = await commandsOf(messages('alice'))
    expect(await commandsOf(messages('bob'))).toEqual(ofOne)
    expect(ofOne).toMatchObject({ fcall: CALLS, hmget: CALLS, hset: CALLS, zadd: CALLS })
    expect(Object.keys(ofOne)).not.toContain('hgetall')
  })

  test('asks three commands for a message to somebody who is connected, besides those of the call', async () => {
    const roomId = randomUUID() as RoomId
    await warm(['alice'], [roomId])
    const lease = { kind: 'connect', deviceId: randomUUID(), nodeId: 'node-1', ttlMs: 30_000 } as const
    await ledger.apply([{ userId: 'alice' as UserId, leases: [lease] }])
    const message = (tally: number) => ({
      userId: 'alice' as UserId,
      rooms: [{ roomId, tally, change: tally }],
    })
    await ledger.apply([message(1_000)])
    const commands = await commandsOf(() => ledger.apply([message(1_001)]))
    expect(commands).toEqual({ fcall: 1, time: 1, hmget: 1, zadd: 1, hset: 1 })
  })

  test('tells 200 recipients of a message in one call', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `user-${index}`)
    const rooms = Array.from({ length: 50 }, () => randomUUID() as RoomId)
    await warm(names, rooms)
    const update = { roomId: rooms[0]!, tally: 1_000, change: 1_000 }
    const steps = names.map((name) => ({ userId: name as UserId, rooms: [update] }))
    const startedMs = performance.now()
    expect(await commandsOf(() => ledger.apply(steps))).toMatchObject({ fcall: 1, hmget: 200, hset: 200 })
    print(`a call of 200 merges: ${Math.round(performance.now() - startedMs)} ms`)
  })

  test.each([
    { users: 2_000, rooms: 1, isConnected: false },
    { users: 2_000, rooms: 1, isConnected: true },
    { users: 400, rooms: 200, isConnected: false },
  ])(
    'estimates its memory within a factor of 1.6: $users × $rooms',
    async ({ users, rooms, isConnected }) => {
      const emptyBytes = await usedBytes()
      const names = Array.from({ length: users }, (_, index) => `user-${index}`)
      await warm(
        names,
        Array.from({ length: rooms }, () => randomUUID() as RoomId),
      )
      if (isConnected) {
        const lease = { kind: 'connect', deviceId: randomUUID(), nodeId: 'node-1', ttlMs: 30_000 } as const
        await ledger.apply(names.map((name) => ({ userId: name as UserId, leases: [lease] })))
      }
      const stats = await ledger.stats()
      expect(stats).toMatchObject({ users, rooms: users * rooms, leases: isConnected ? users : 0 })
      const takenBytes = (await usedBytes()) - emptyBytes
      print(`${users} × ${rooms}, connected: ${isConnected}: ${Math.round(takenBytes / users)} bytes each`)
      expect(stats.bytesEstimate / takenBytes).toBeGreaterThan(1 / 1.6)
      expect(stats.bytesEstimate / takenBytes).toBeLessThan(1.6)
    },
  )

  test('walks through its keys for stats once in a while, one node for all, not for everybody who asks', async () => {
    await warm(['alice'], [])
    const nodes = Array.from({ length: 3 }, () => new RedisLedger({ redis, epoch: () => 0 }))
    const { scan } = await commandsOf(async () => {
      for (const node of nodes) {
        for (let call = 0; call < CALLS; call += 1) expect(await node.stats()).toMatchObject({ users: 1 })
      }
    })
    expect(scan).toBe(1)
  })

  test('gives the last count while another node makes a new one, and that one as soon as it is there', async () => {
    const node = () => new RedisLedger({ redis, epoch: () => 0, statsMaxAgeMs: 60_000 })
    await warm(['alice'], [])
    expect(await node().stats()).toMatchObject({ users: 1 })
    await warm(['bob'], [])
    const [kept, claim] = ['tally:{0}:stats', 'tally:{0}:stats:claim']
    // As it is a minute later.
    await redis.client.pexpire(kept, 30_000)
    expect(await redis.client.exists(claim)).toBe(0)
    await redis.client.set(claim, '')
    expect(await node().stats()).toMatchObject({ users: 1 })
    await redis.client.del(claim)
    expect(await node().stats()).toMatchObject({ users: 2 })
    expect(await node().stats()).toMatchObject({ users: 2 })
  })

  async function usedBytes(): Promise<number> {
    const memory = await redis.client.info('memory')
    return Number(/used_memory:(\d+)/.exec(memory)?.[1])
  }
})

/** As most registers are: hundreds of messages, nearly all read, no flags. */
function bareRegister(roomId: RoomId, index: number): LedgerRegister {
  const tally = 300 + (index % 200)
  const flags = { left: false, muted: false, archivedAtTally: null }
  return { roomId, kind: 'room', tally, change: tally + 40, settled: tally - (index % 3), version: 50, flags }
}

function print(figure: string): void {
  if (process.env['LEDGER_FIGURES']) process.stdout.write(`${figure}\n`)
}
