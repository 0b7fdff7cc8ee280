import { describe, expect, test } from 'vitest'
import { TokenBuckets } from './rate-limit.ts'

describe('token buckets', () => {
  test('grant a burst, then the rate, and say when to come back', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 3 })
    for (let index = 0; index < 3; index += 1) expect(buckets.take('alice', 0)).toEqual({ ok: true })
    expect(buckets.take('alice', 0)).toEqual({ ok: false, retryAfterMs: 100 })
    expect(buckets.take('alice', 40)).toEqual({ ok: false, retryAfterMs: 60 })
    expect(buckets.take('alice', 100)).toEqual({ ok: true })
    expect(buckets.take('alice', 100)).toMatchObject({ ok: false })
  })

  test('over a long time grant the rate, however often somebody asks', () => {
    const buckets = new TokenBuckets({ perSecond: 20, burst: 60 })
    let granted = 0
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1) if (buckets.take('flood', nowMs).ok) granted += 1
    expect(granted).toBeGreaterThanOrEqual(60 + 20 * 59)
    expect(granted).toBeLessThanOrEqual(60 + 20 * 60)
  })

  test('one key does not pay for another', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 })
    expect(buckets.take('alice', 0).ok).toBe(true)
    expect(buckets.take('alice', 0).ok).toBe(false)
    expect(buckets.take('bob', 0).ok).toBe(true)
  })

  test('a clock that goes back gives nothing and takes nothing', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 })
    buckets.take('alice', 10_000)
    expect(buckets.take('alice', 0)).toEqual({ ok: false, retryAfterMs: 1_000 })
    expect(buckets.take('alice', 1_000)).toEqual({ ok: true })
  })

  test('forget buckets that are full again', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 10 })
    for (let index = 0; index < 10_000; index += 1) buckets.take(`user-${index}`, index)
    expect(buckets.size).toBeLessThan(1_000)
  })

  test('what costs more than a burst is never granted, what costs several waits for all of it', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 5 })
    expect(buckets.take('alice', 0, 6)).toMatchObject({ ok: false })
    expect(buckets.take('alice', 0, 5)).toEqual({ ok: true })
    expect(buckets.take('alice', 0, 2)).toEqual({ ok: false, retryAfterMs: 200 })
  })

  test('a key that is forgotten begins anew', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 })
    buckets.take('connection', 0)
    buckets.forget('connection')
    expect(buckets.take('connection', 0).ok).toBe(true)
  })
})
