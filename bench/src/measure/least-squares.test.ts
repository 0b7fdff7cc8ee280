import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitTwo } from './least-squares.ts'

test('two costs that make up a load are found again', () => {
  const cost = fc.double({ min: 0.01, max: 10, noNaN: true })
  fc.assert(
    fc.property(cost, cost, (a, b) => {
      const loads = [
        { one: 1_000, other: 1_000 },
        { one: 50, other: 5_000 },
        { one: 10, other: 9_990 },
      ]
      const found = fitTwo(loads.map(({ one, other }) => ({ one, other, value: one * a + other * b })))
      expect(found.a).toBeCloseTo(a, 4)
      expect(found.b).toBeCloseTo(b, 4)
    }),
  )
})

test('nothing costs less than nothing', () => {
  const found = fitTwo([
    { one: 1, other: 1, value: 1 },
    { one: 2, other: 1, value: 0.5 },
  ])
  expect(found.a).toBe(0)
  expect(found.b).toBeGreaterThan(0)
})
