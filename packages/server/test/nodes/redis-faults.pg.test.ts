import { setTimeout as delay } from 'node:timers/promises'
import type { RoomId } from '@tally/protocol'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type RedisServer, startRedisServer } from '../../../../scripts/redis-server.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { TestFleet } from '../../test-support/test-fleet.ts'
import { ListeningClient } from '../scenarios/listening-client.ts'
import { Chance, SEED } from '../scenarios/seeded.ts'

const PEOPLE = ['ann', 'ben', 'cho', 'dan', 'eve', 'fay']
const ROOMS = 4
const DEADLINE = { timeout: 20_000, interval: 100 }

describe('[27] what Redis goes through while people write and read', () => {
  const chance = new Chance(SEED)
  let server: RedisServer
  let fleet: TestFleet
  const listeners = new Map<string, ListeningClient>()
  const rooms: RoomId[] = []
  let sent = 0

  beforeAll(async () => {
    server = await startRedisServer()
    fleet = await TestFleet.start({ env: { REDIS_URL: server.url, ...NO_LIMITS } })
    while (rooms.length < ROOMS) rooms.push(await fleet.room(...PEOPLE))
    for (const [index, name] of PEOPLE.entries()) {
      const device = await fleet.nodes[index % fleet.nodes.length]!.signIn(name)
      listeners.set(name, await ListeningClient.on(device))
    }
  }, 60_000)
  afterAll(async () => {
    for (const node of fleet.nodes) node.closeClients()
    await fleet.stop()
    await server.stop()
    expect(fleet.errors).toEqual([])
  })

  /** People write and read, on any node, until it is told to stop. Nothing of it may be refused. */
  function talk(): () => Promise<void> {
    let isOver = false
    const one = async () => {
      while (!isOver) {
        const as = chance.pick(PEOPLE)
        const room = `/v1/rooms/${chance.pick(rooms)}`
        const isRead = chance.is(0.3)
        const answer = isRead
          ? await fleet.post(`${room}/read`, { as, body: {} })
          : await fleet.post(`${room}/messages`, { as, body: { text: 'hello' } })
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
        if (!isRead) sent += 1
        await delay(2)
      }
    }
    const talking = Promise.all(Array.from({ length: 4 }, one))
    return async () => {
      isOver = true
      await talking
    }
  }

  async function heard(count: number): Promise<void> {
    const until = sent + count
    await vi.waitFor(() => expect(sent).toBeGreaterThanOrEqual(until), DEADLINE)
  }

  /** Every device shows what a recount says, and rows that add up to it. */
  async function expectExact(): Promise<void> {
    const truth = await recountAll(fleet.ctx.db)
    await vi.waitFor(() => {
      for (const [name, listener] of listeners) {
        const { total, unreadRooms } = truth.get(name)!
        const { totalUnreadCount, unreadRooms: shownRooms } = listener.badge ?? {}
        expect({ name, total: totalUnreadCount, unreadRooms: shownRooms }).toEqual({
          name,
          total,
          unreadRooms,
        })
        expect({ name, ...listener.sum() }).toEqual({ name, total, unreadRooms })
      }
    }, DEADLINE)
  }

  async function whileTalking(fault: () => Promise<void>): Promise<void> {
    const stop = talk()
    await heard(50)
    await fault()
    await heard(50)
    await stop()
    await expectExact()
  }

  async function command<T>(run: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(server.url)
    try {
      return await run(redis)
    } finally {
      redis.disconnect()
    }
  }

  const allShared = () => vi.waitFor(async () => expect(await areShared()).toBe(true), DEADLINE)
  const areShared = async () => {
    const users = await Promise.all(
      fleet.nodes.map(async ({ ctx }) => ctx.ledger.read([{ userId: 'ann' as never }])),
    )
    return users.every(([view]) => view?.state === 'ready' && view.nodes.length > 0)
  }

  test(
    'FLUSHALL: exact again',
    () => whileTalking(() => command(async (redis) => void (await redis.flushall()))),
    60_000,
  )

  test(
    'a restart with nothing in it: exact again, and no send was refused',
    () =>
      whileTalking(async () => {
        await server.stop()
        await heard(100)
        server = await startRedisServer({ port: server.port })
        await allShared()
      }),
    60_000,
  )

  test(
    'hung for seconds: exact again, and no send was refused',
    () =>
      whileTalking(async () => {
        process.kill(server.pid, 'SIGSTOP')
        await heard(100)
        process.kill(server.pid, 'SIGCONT')
        await allShared()
      }),
    60_000,
  )

  test(
    'replaced by an old copy: exact again',
    () =>
      whileTalking(async () => {
        const copy = await command(async (redis) => {
          const keys = await redis.keys('*')
          return Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)] as const))
        })
        await heard(50)
        await server.stop()
        server = await startRedisServer({ port: server.port })
        await command((redis) =>
          Promise.all(copy.map(([key, value]) => redis.restore(key, 0, value, 'REPLACE').catch(() => {}))),
        )
        await allShared()
      }),
    60_000,
  )
})

const NO_LIMITS = {
  TALLY_SENDS_PER_SECOND: '100000',
  TALLY_SEND_BURST: '100000',
  TALLY_REQUESTS_PER_SECOND: '100000',
  TALLY_REQUEST_BURST: '100000',
  TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '100000',
}
