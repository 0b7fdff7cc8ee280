import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutdatedCall } from '../../src/ledger/outdated-call.ts'
import { RedisLedger, type RedisLedgerOptions } from '../../src/ledger/redis-ledger.ts'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'
import { testRedis } from '../../test-support/test-redis.ts'
import { BreakableNetwork } from '../scenarios/breakable-network.ts'

const READY_DEADLINE_MS = 30_000
const GIVEN_UP_AFTER_MS = 200
const LEASE_MS = 60_000
const ANN = 'ann' as UserId
const ROOM = 'room-1' as RoomId
const RAISED = 2

describe('what a node said before the epoch rose, and what arrives after that', () => {
  const { url, prefix } = testRedis()
  let network: BreakableNetwork
  /** One node is behind a network that falls silent, the other raises the epoch. */
  let far: OpenedRedis
  let near: OpenedRedis

  beforeEach(async () => {
    network = await BreakableNetwork.to(url)
    far = await connect(network.url.replace('http', 'redis'), GIVEN_UP_AFTER_MS)
    near = await connect(url)
  })
  afterEach(async () => {
    await ledger(near, { epoch: () => RAISED }).drop('all')
    for (const redis of [far, near]) redis.close()
    await network.close()
  })

  const ledger = (redis: OpenedRedis, options: Pick<RedisLedgerOptions, 'epoch' | 'onNewerEpoch'>) =>
    new RedisLedger({ redis, prefix, ...options })

  test('a lease does not land in a key that was made anew: what is unread there counts', async () => {
    const late = ledger(far, { epoch: () => 0 })
    await warm(ledger(near, { epoch: () => 0 }), { warm: 1, unread: 3 })
    network.silence()
    await expect(late.apply([{ userId: ANN, leases: LEASES }])).rejects.toThrow('timed out')
    const present = ledger(near, { epoch: () => RAISED })
    await warm(present, { warm: RAISED + 1, unread: 3 })
    network.speak()
    await everythingArrived(far)
    expect(await present.read([{ userId: ANN }])).toMatchObject([
      { state: 'ready', badge: { total: 3, unreadRooms: 1 }, opens: [], nodes: [] },
    ])
  })

  test('a merge is not told to somebody who listens no more: the next outcome tells what changed', async () => {
    const late = ledger(far, { epoch: () => 0 })
    await warm(ledger(near, { epoch: () => 0 }), { warm: 1, unread: 3 })
    network.silence()
    await expect(late.apply([message(4)])).rejects.toThrow('timed out')
    const present = ledger(near, { epoch: () => RAISED })
    await warm(present, { warm: RAISED + 1, unread: 3 })
    network.speak()
    await everythingArrived(far)
    expect(await present.apply([message(4)])).toMatchObject([
      { badge: { total: 4 }, badgeChanged: true, rooms: [{ roomId: ROOM, shown: 4 }] },
    ])
  })

  test('a warming does not begin, so nobody waits for the end of it', async () => {
    const late = ledger(far, { epoch: () => 0 })
    network.silence()
    const beginning = [{ userId: ANN, warm: RAISED + 5, force: true }]
    await expect(late.beginWarm(beginning)).rejects.toThrow('timed out')
    const present = ledger(near, { epoch: () => RAISED })
    await warm(present, { warm: RAISED + 1, unread: 3 })
    network.speak()
    await everythingArrived(far)
    expect(await present.read([{ userId: ANN }])).toMatchObject([{ state: 'ready' }])
  })

  test('a node that lives and has not heard yet learns the epoch, and its call may be made again', async () => {
    await warm(ledger(near, { epoch: () => RAISED }), { warm: RAISED + 1, unread: 3 })
    let epoch = 0
    const unaware = ledger(near, { epoch: () => epoch, onNewerEpoch: (newer) => (epoch = newer) })
    await expect(unaware.apply([message(4)])).rejects.toThrow(OutdatedCall)
    expect(epoch).toBe(RAISED)
    expect(await unaware.apply([message(4)])).toMatchObject([{ badge: { total: 4 } }])
  })

  test('a key that was made by a node that had not heard belongs to the epoch as soon as anybody has', async () => {
    const unaware = ledger(near, { epoch: () => 0 })
    await warm(unaware, { warm: RAISED + 1, unread: 3 })
    expect(await unaware.apply([message(4)])).toMatchObject([{ state: 'ready' }])
    await ledger(near, { epoch: () => RAISED }).apply([message(5)])
    await expect(unaware.apply([message(6)])).rejects.toThrow(OutdatedCall)
  })
})

const LEASES = [
  { kind: 'connect', deviceId: 'phone', nodeId: 'node-1', ttlMs: LEASE_MS },
  { kind: 'open', deviceId: 'phone', roomId: ROOM, readEpoch: 0, ttlMs: LEASE_MS },
] as const

async function connect(url: string, commandTimeoutMs = READY_DEADLINE_MS): Promise<OpenedRedis> {
  const redis = openRedis({ url, commandTimeoutMs })
  await redis.untilReady(READY_DEADLINE_MS)
  return redis
}

async function warm(ledger: RedisLedger, { warm, unread }: { warm: number; unread: number }): Promise<void> {
  expect(await ledger.beginWarm([{ userId: ANN, warm }])).toEqual(['begun'])
  const flags = { left: false, muted: false, archivedAtTally: null }
  const member = { kind: 'room', settled: 0, version: 1, flags } as const
  const registers = [{ roomId: ROOM, tally: unread, change: unread, ...member }]
  await ledger.finishWarm([{ userId: ANN, warm, registers }])
}

function message(tally: number) {
  return { userId: ANN, rooms: [{ roomId: ROOM, tally, change: tally }] }
}

/** What came later on the same connection was answered. */
async function everythingArrived({ client }: OpenedRedis): Promise<void> {
  await expect.poll(() => client.ping().catch(() => 'late'), { timeout: READY_DEADLINE_MS }).toBe('PONG')
}
