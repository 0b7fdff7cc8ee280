import { expect, test } from 'vitest'
import { meanParts } from './message-parts.ts'
import { leftOverText } from './pairs-parts.ts'

const FRAMES = [1, 3].map((commitMs) => ({ totalMs: 10, lagMs: 1, edgeMs: 1, commitMs, ledgerMs: 1 }))
/** @param seconds what the server says that two badges took together. */
const partsOf = (seconds: number) =>
  meanParts([{ timings: FRAMES }], { seconds: 1, count: 10 }, { seconds: 1 + seconds, count: 12 })

test('the parts of a message are all of its time, whatever is left for the fan-out', () => {
  for (const seconds of [0.006, 0.012]) {
    const { noise: _, ...parts } = partsOf(seconds) ?? { noise: 0 }
    expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(10)
  }
})

test('a fan-out that comes out below nothing is told as it was measured', () => {
  expect(partsOf(0.012)?.fanOut).toBeCloseTo(2)
  expect(partsOf(0.006)?.fanOut).toBeCloseTo(-1)
})

test('a fan-out that could as well be nothing is not given a figure', () => {
  // The sums of two frames, 3 and 5, are 1 away from their mean: 2 in the sum of squares, for one degree of freedom.
  expect(partsOf(0.006)?.noise).toBeCloseTo(2)
  expect(leftOverText(-1, 2)).toBe('< 2.00')
  expect(leftOverText(0.01, 0)).toBe('< 0.05')
  expect(leftOverText(0.3, 0.1)).toBe('0.30')
})
