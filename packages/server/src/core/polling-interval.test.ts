import { describe, expect, test } from 'vitest'
import { nextLoadFactor, pollingIntervalMs } from './polling-interval.ts'

describe('the polling interval', () => {
  test.each([
    { lastChangeAgeMs: 0, activeUsers: 1, ms: 1_000 },
    { lastChangeAgeMs: 10_000, activeUsers: 1, ms: 1_000 },
    { lastChangeAgeMs: 10_001, activeUsers: 1, ms: 2_000 },
    { lastChangeAgeMs: 60_000, activeUsers: 1, ms: 2_000 },
    { lastChangeAgeMs: 60_001, activeUsers: 1, ms: 5_000 },
    { lastChangeAgeMs: Number.POSITIVE_INFINITY, activeUsers: 0, ms: 5_000 },
  ])('alone, $lastChangeAgeMs ms after the last change: $ms ms', ({ ms, ...activity }) => {
    expect(pollingIntervalMs({ ...activity, loadFactor: 1 })).toBe(ms)
  })

  test.each([
    { lastChangeAgeMs: 0, ms: 1_000 },
    { lastChangeAgeMs: 30_000, ms: 1_000 },
    { lastChangeAgeMs: 600_000, ms: 2_000 },
  ])(
    'with somebody else there, $lastChangeAgeMs ms after the last change: $ms ms',
    ({ lastChangeAgeMs, ms }) => {
      expect(pollingIntervalMs({ lastChangeAgeMs, activeUsers: 2, loadFactor: 1 })).toBe(ms)
    },
  )

  test('is stretched by half each time the load is over 80 %, up to 10 s, and shrinks back', () => {
    const quiet = { lastChangeAgeMs: Number.POSITIVE_INFINITY, activeUsers: 1 }
    let loadFactor = 1
    const intervals: number[] = []
    for (const load of [0.8, 0.81, 0.95, 1, 1, 0.5, 0.5, 0.5, 0.5]) {
      loadFactor = nextLoadFactor(loadFactor, load)
      intervals.push(pollingIntervalMs({ ...quiet, loadFactor }))
    }
    expect(intervals).toEqual([5_000, 7_500, 10_000, 10_000, 10_000, 10_000, 10_000, 7_500, 5_000])
  })

  test('reaches 10 s for busy rooms too when the load stays, and no more', () => {
    let loadFactor = 1
    for (let times = 0; times < 100; times += 1) loadFactor = nextLoadFactor(loadFactor, 1)
    expect(pollingIntervalMs({ lastChangeAgeMs: 0, activeUsers: 9, loadFactor })).toBe(10_000)
    for (let times = 0; times < 6; times += 1) loadFactor = nextLoadFactor(loadFactor, 0)
    expect(loadFactor).toBe(1)
  })
})
