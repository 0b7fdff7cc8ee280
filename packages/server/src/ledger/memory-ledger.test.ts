import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { LedgerRegister } from '../core/registers.ts'
import { WARM_TAKEOVER_MS } from '../core/warming.ts'
import { ledgerContract } from './ledger.contract.ts'
import { MemoryLedger, type MemoryLedgerOptions } from './memory-ledger.ts'

ledgerContract('in process', (now) =>
  Promise.resolve({ ledger: new MemoryLedger({ now }), close: () => Promise.resolve() }),
)

const IDLE_TTL_MS = 60_000
const ROOM = 'room-1' as RoomId

describe('the ledger of one process', () => {
  test('does its work before it returns its promise', async () => {
    const { ledger, warm } = setup()
    await warm('alice')
    const outcomes = ledger.apply([{ userId: user('alice'), rooms: [{ roomId: ROOM, tally: 5 }] }])
    const views = ledger.read([{ userId: user('alice') }])
    expect(await views).toMatchObject([{ badge: { total: 5 } }])
    expect(await outcomes).toMatchObject([{ badge: { total: 5 } }])
  })

  test('lets a key go that nobody wanted anything of, however many events pass by', async () => {
    const { ledger, warm, advance, message } = setup()
    await warm('alice')
    await warm('bob')
    advance(IDLE_TTL_MS / 2)
    await ledger.read([{ userId: user('bob') }])
    await message('alice', 1)
    advance(IDLE_TTL_MS / 2)
    await message('alice', 2)
    await message('alice', 3)
    expect(await ledger.stats()).toMatchObject({ users: 1, rooms: 1, expired: 1, evicted: 0 })
    expect(await ledger.read([{ userId: user('alice') }])).toMatchObject([{ state: 'cold' }])
    expect(await ledger.read([{ userId: user('bob') }])).toMatchObject([{ state: 'ready' }])
  })

  test('keeps the key of a connected user, and lets it go after the device vanished without a word', async () => {
    const { ledger, warm, connect, advance, message } = setup()
    await warm('alice')
    await connect('alice', IDLE_TTL_MS * 2)
    advance(IDLE_TTL_MS * 2 - 1)
    await message('alice', 1)
    expect(await ledger.stats()).toMatchObject({ users: 1 })
    advance(1)
    await message('somebody else', 1)
    expect(await ledger.stats()).toMatchObject({ users: 0, expired: 1 })
  })

  test('lets a warming go that nobody finished', async () => {
    const { ledger, advance, message } = setup()
    await ledger.beginWarm([{ userId: user('alice'), warm: 1 }])
    advance(IDLE_TTL_MS)
    await message('somebody else', 1)
    expect(await ledger.stats()).toMatchObject({ users: 0 })
  })

  test('holds no more than maxUsers keys without leases', async () => {
    const { ledger, warm } = setup({ maxUsers: 100 })
    for (let index = 0; index < 1_000; index += 1) await warm(`user-${index}`)
    const { users, evicted, expired } = await ledger.stats()
    expect(users).toBeLessThanOrEqual(101)
    expect({ evicted, expired }).toEqual({ evicted: 1_000 - users, expired: 0 })
  })

  test('never takes the key of a connected user, and not one that is being warmed', async () => {
    const { ledger, warm, connect, advance } = setup({ maxUsers: 10 })
    for (let index = 0; index < 20; index += 1) {
      await warm(`connected-${index}`)
      await connect(`connected-${index}`, IDLE_TTL_MS)
    }
    const warming = Array.from({ length: 20 }, (_, index) => user(`warming-${index}`))
    await ledger.beginWarm(warming.map((userId) => ({ userId, warm: 1 })))
    for (let call = 0; call < 50; call += 1) await ledger.apply([])
    expect(await ledger.stats()).toMatchObject({ users: 40 })
    advance(WARM_TAKEOVER_MS)
    for (let call = 0; call < 50; call += 1) await ledger.apply([])
    expect(await ledger.stats()).toMatchObject({ users: 20 })
  })

  test.each([
    { users: 20_000, rooms: 1, isConnected: false },
    { users: 10_000, rooms: 1, isConnected: true },
    { users: 1_000, rooms: 200, isConnected: false },
  ])('estimates its memory within a factor of 1.6 of the heap it takes: $users × $rooms', async (keys) => {
    const { ledger, warm, connect } = setup()
    for (let index = 0; index < keys.users; index += 1) {
      await warm(`user-${index}`, keys.rooms)
      if (keys.isConnected) await connect(`user-${index}`, IDLE_TTL_MS)
    }
    const { bytesEstimate } = await ledger.stats()
    const held = heapBytes()
    await ledger.drop('all')
    const ratio = bytesEstimate / (held - heapBytes())
    expect(ratio).toBeGreaterThan(1 / 1.6)
    expect(ratio).toBeLessThan(1.6)
  })
})

function setup(options: Partial<MemoryLedgerOptions> = {}) {
  let nowMs = 0
  let nextWarm = 1
  const ledger = new MemoryLedger({ now: () => nowMs, idleTtlMs: IDLE_TTL_MS, ...options })
  return {
    ledger,
    advance: (ms: number): void => {
      nowMs += ms
    },
    warm: async (name: string, rooms = 1): Promise<void> => {
      const userId = user(name)
      const warm = nextWarm++
      await ledger.beginWarm([{ userId, warm }])
      await ledger.finishWarm([{ userId, warm, registers: Array.from({ length: rooms }, fresh) }])
    },
    connect: (name: string, ttlMs: number) => {
      const lease = {
        kind: 'connect',
        deviceId: ['phone of', name].join(' '),
        nodeId: 'node',
        ttlMs,
      } as const
      return ledger.apply([{ userId: user(name), leases: [lease] }])
    },
    message: (name: string, tally: number) =>
      ledger.apply([{ userId: user(name), rooms: [{ roomId: ROOM, tally }] }]),
  }
}

function user(name: string): UserId {
  return name as UserId
}

function fresh(_: unknown, index: number): LedgerRegister {
  // A string of its own each time, as a driver makes them.
  const roomId = ['room', index + 1].join('-') as RoomId
  const flags = { left: false, muted: false, archivedAtTally: null }
  return { roomId, kind: 'room', tally: 0, change: 0, settled: 0, version: 1, flags }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  gc()
  return process.memoryUsage().heapUsed
}
