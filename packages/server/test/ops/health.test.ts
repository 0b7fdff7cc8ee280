import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NodeHealth } from '../../src/ops/health.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function nodeHealth(askDatabase: () => Promise<unknown> = async () => 1) {
  return new NodeHealth({ askDatabase, version: '1.2.3', now: () => performance.now() })
}

test('a node is ready between its start and its drain', async () => {
  const health = nodeHealth()
  expect(await health.readiness()).toEqual({ status: 'starting', database: 'up' })
  health.serve()
  expect(await health.readiness()).toEqual({ status: 'ready', database: 'up' })
  health.drain()
  expect(await health.readiness()).toEqual({ status: 'draining', database: 'up' })
})

test('without its database it should get no traffic', async () => {
  const health = nodeHealth(() => Promise.reject(new Error('away')))
  health.serve()
  expect(await health.readiness()).toEqual({ status: 'unavailable', database: 'down' })
})

test('a database that does not answer in time is down, and leaves no timer behind', async () => {
  const health = nodeHealth(() => new Promise(() => {}))
  health.serve()
  const readiness = health.readiness()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await readiness).toEqual({ status: 'unavailable', database: 'down' })
  expect(vi.getTimerCount()).toBe(0)
})

test('many probes at once are one question', async () => {
  let asked = 0
  const health = nodeHealth(async () => {
    asked++
  })
  await Promise.all(Array.from({ length: 50 }, () => health.readiness()))
  expect(asked).toBe(1)
  await vi.advanceTimersByTimeAsync(1_000)
  await health.readiness()
  expect(asked).toBe(2)
})

test('the report says what is running, and since when', async () => {
  const health = nodeHealth()
  await vi.advanceTimersByTimeAsync(90_000)
  expect(await health.report()).toMatchObject({
    version: '1.2.3',
    protocolVersion: expect.any(Number),
    uptimeSeconds: 90,
  })
})
