import type { UserId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Presence } from '../../src/actions/presence.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { LocalDevices } from '../../src/bus/local-devices.ts'
import { MemoryExchange } from '../../src/bus/memory-bus.ts'

const ANN = 'ann' as UserId
const BOB = 'bob' as UserId

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const devices = new LocalDevices()
  const bus = new MemoryExchange().join('node')
  const heard: Frame[] = []
  bus.onFrames((frames) => heard.push(...frames))
  const errors: unknown[] = []
  const database = { isAway: false, asked: 0 }
  const presence = new Presence({
    devices,
    bus,
    peersOf: async () => {
      database.asked += 1
      if (database.isAway) throw new Error('away')
      return new Map([
        [ANN, [BOB]],
        [BOB, [ANN]],
      ])
    },
    now: Date.now,
    onError: (error) => errors.push(error),
    graceMs: 3_000,
  })
  return { devices, presence, heard, errors, database }
}

test('who went while the database was away is told to be away once it is back', async () => {
  const { devices, presence, heard, errors, database } = setUp()
  devices.connect({ deviceId: 'socket:1', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(200)
  expect(heard).toMatchObject([{ userId: BOB, payload: { userId: ANN, online: true } }])

  database.isAway = true
  devices.disconnect('socket:1')
  presence.disconnected(ANN)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(errors).not.toEqual([])
  database.isAway = false
  await vi.advanceTimersByTimeAsync(1_500)
  expect(heard.slice(1)).toMatchObject([{ userId: BOB, payload: { userId: ANN, online: false } }])
  presence.close()
})

test('coming back within the grace is no news for the others', async () => {
  const { devices, presence, heard } = setUp()
  devices.connect({ deviceId: 'socket:1', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(200)
  devices.disconnect('socket:1')
  presence.disconnected(ANN)
  await vi.advanceTimersByTimeAsync(1_000)
  devices.connect({ deviceId: 'socket:2', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(heard).toHaveLength(1)
  presence.close()
})

test('who came and went before anybody was told has been seen all the same', async () => {
  const { devices, presence, heard } = setUp()
  devices.connect({ deviceId: 'socket:1', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(90)
  const wentAt = new Date(Date.now()).toISOString()
  devices.disconnect('socket:1')
  presence.disconnected(ANN)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(heard.at(-1)).toMatchObject({
    userId: BOB,
    payload: { userId: ANN, online: false, lastSeenAt: wentAt },
  })
  presence.close()
})

test('whoever comes while somebody is gone for a moment sees them stay', async () => {
  const { devices, presence, heard } = setUp()
  devices.connect({ deviceId: 'socket:1', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(200)
  devices.disconnect('socket:1')
  presence.disconnected(ANN)
  devices.connect({ deviceId: 'socket:2', userId: BOB })
  presence.connected(BOB)
  await vi.advanceTimersByTimeAsync(1_000)
  devices.connect({ deviceId: 'socket:3', userId: ANN })
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(10_000)
  const toldBob = heard.filter((frame) => frame.kind === 'user-event' && frame.userId === BOB)
  expect(toldBob.at(-1)).toMatchObject({ payload: { userId: ANN, online: true } })
  presence.close()
})

test('a node that stops asks nothing any more', async () => {
  const { devices, presence, database } = setUp()
  devices.connect({ deviceId: 'socket:1', userId: ANN })
  presence.connected(ANN)
  presence.close()
  presence.connected(ANN)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(database.asked).toBe(0)
})
