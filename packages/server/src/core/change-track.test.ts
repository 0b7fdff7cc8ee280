import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChangeTrack } from './change-track.ts'

test('is complete up to the first change that did not come by, in whatever order they come', () => {
  const change = fc.integer({ min: 1, max: 30 })
  fc.assert(
    fc.property(fc.array(change), fc.nat(10), (came, start) => {
      const track = new ChangeTrack(start)
      for (const one of came) track.saw(one)
      let complete = start
      while (came.includes(complete + 1)) complete += 1
      expect(track.completeTo).toBe(complete)
      for (let one = 1; one <= 30; one += 1)
        expect(track.hasSeen(one)).toBe(one <= start || came.includes(one))
      expect(track.isBehind(complete)).toBe(false)
      expect(track.isBehind(complete + 1)).toBe(true)
      for (let upTo = 1; upTo <= 31; upTo += 1) {
        const missing = Array.from({ length: upTo }, (_, index) => index + 1).filter(
          (one) => !track.hasSeen(one),
        )
        expect(track.lastMissing(upTo, new Set())).toBe(missing.at(-1))
        expect(track.lastMissing(upTo, new Set(missing.slice(1)))).toBe(missing.at(0))
        expect(track.lastMissing(upTo, new Set(missing))).toBeUndefined()
      }
    }),
  )
})

test('what was looked up closes the holes below it', () => {
  const track = new ChangeTrack(3)
  for (const change of [5, 7, 9]) track.saw(change)
  track.complete(6)
  expect(track.completeTo).toBe(7)
  track.complete(2)
  expect(track.completeTo).toBe(7)
  track.saw(8)
  expect(track.completeTo).toBe(9)
})
