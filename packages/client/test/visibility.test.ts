import { RequestError } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTally } from '../src/index.ts'
import { memoryStorage } from '../src/key-value-storage.ts'
import type { RealtimeProvider } from '../src/provider.ts'

const TOKEN = `e30.${Buffer.from(JSON.stringify({ sub: 'ann' })).toString('base64url')}.sig`
const BADGE = { messages: 0, notifications: 0, total: 0, rev: 1 }
const NOTHING_NEW = { rev: 1, badge: BADGE, rooms: [], full: true, next: null, messages: {}, changes: {} }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('that nobody looks any more is said until it is heard, and nothing but the last of it', async () => {
  const told: boolean[] = []
  let failures = 2
  const provider = {
    transport: 'websocket',
    connect: async () => ({ id: 'ann', name: null, user_type: null }),
    send: async (event: string, payload: { visible: boolean }) => {
      if (event === 'sync') return NOTHING_NEW
      told.push(payload.visible)
      if (failures-- > 0) throw new RequestError('timeout')
      return {}
    },
    close: () => {},
  }
  const client = createTally({
    token: TOKEN,
    transport: 'websocket',
    shareTabs: false,
    storage: memoryStorage(),
    provider: () => provider as unknown as RealtimeProvider,
  })
  client.start()
  await vi.waitUntil(() => client.connection.get().state === 'live', { timeout: 15_000 })
  client.setVisible(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([false, false, false])
  failures = 1
  client.setVisible(true)
  client.setVisible(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told.slice(3)[0]).toBe(true)
  expect(told.at(-1)).toBe(false)
  await client.stop()
  expect(vi.getTimerCount()).toBe(0)
})
