import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeqRanges } from '../src/seq-ranges.ts'

const MOST = 40
const range = fc
  .tuple(fc.nat(MOST), fc.nat(8))
  .map(([from, length]) => ({ from, to: Math.min(MOST, from + length) }))

test('ranges hold exactly what was added, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (added) => {
      const ranges = new SeqRanges()
      const held = new Set<number>()
      for (const { from, to } of added) {
        ranges.add({ from, to })
        for (let seq = from; seq <= to; seq++) held.add(seq)
      }
      for (let seq = 0; seq <= MOST; seq++) {
        const found = ranges.containing(seq)
        expect(found !== undefined).toBe(held.has(seq))
        if (found === undefined) continue
        // As far as it goes without a hole, and no further.
        for (let inside = found.from; inside <= found.to; inside++) expect(held.has(inside)).toBe(true)
        expect(held.has(found.from - 1)).toBe(false)
        expect(held.has(found.to + 1)).toBe(false)
      }
    }),
  )
})

test('keeping a part forgets the rest', () => {
  const ranges = new SeqRanges()
  ranges.add({ from: 1, to: 5 })
  ranges.add({ from: 8, to: 12 })
  ranges.keepOnly({ from: 4, to: 9 })
  expect(ranges.containing(4)).toEqual({ from: 4, to: 5 })
  expect(ranges.last).toEqual({ from: 8, to: 9 })
  ranges.clear()
  expect(ranges.last).toBeUndefined()
})
