import { expect, test } from 'vitest'
import { endsOf, isBeyondEnd, ratesFor } from './pairs-ends.ts'

const RATES = [1_000, 6_000]
const LATENCIES = { count: 1, p50: 1, p90: 1, max: 1 }
const stepOf = (p99: number, unseen = 0) => ({
  badge: { ...LATENCIES, p99 },
  ...{ refused: 0, unanswered: 0, unseen },
})

test('who was measured to hold the higher rate is asked for it, whoever it is', () => {
  const ceilings = [8_000, 8_000, 6_000].map((perSecond) => ({ contestant: 'sequential', perSecond }))
  const ends = endsOf({ ceilings: [...ceilings, { contestant: 'tally-redis', perSecond: 5_000 }] })
  expect(ends).toEqual({ sequential: 8_000, 'tally-redis': 5_000 })
  expect(ratesFor('sequential', RATES, ends)).toEqual(RATES)
  expect(ratesFor('tally-redis', RATES, ends)).toEqual([1_000])
})

test('everybody is asked for the first rate, more than they hold or not', () => {
  expect(ratesFor('prosody', RATES, { prosody: 500 })).toEqual([1_000])
})

test('where nothing was measured only those are left out that are known to be slow', () => {
  const ends = endsOf(undefined)
  for (const name of ['tally-redis', 'tally-redis-2', 'tally-embedded', 'single-cte', 'before'])
    expect(ratesFor(name, RATES, ends)).toEqual(RATES)
  for (const name of ['sequential', 'naive-redis', 'ejabberd', 'prosody'])
    expect(ratesFor(name, RATES, ends)).toEqual([1_000])
})

test('a rate is beyond the end that was measured, or that showed itself', () => {
  expect(isBeyondEnd([stepOf(5)], 1_000, 3_000)).toBe(false)
  expect(isBeyondEnd([stepOf(5)], 1_000, undefined)).toBe(false)
  expect(isBeyondEnd([stepOf(30)], 1_000, 500)).toBe(true)
  expect(isBeyondEnd([stepOf(5), stepOf(120), stepOf(130)], 1_000, undefined)).toBe(true)
  expect(isBeyondEnd([stepOf(5, 3), stepOf(5, 3), stepOf(5)], 1_000, undefined)).toBe(true)
})
