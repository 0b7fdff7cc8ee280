import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecencyList } from './recency-list.ts'

type Item = { readonly id: number; newer: Item | null; older: Item | null }

test('a recency list holds what was touched, latest first, in both directions', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(6), { nil: 'clear' as const }), { maxLength: 60 }), (touches) => {
      const items = Array.from({ length: 7 }, (_, id): Item => ({ id, newer: null, older: null }))
      const list = new RecencyList<Item>()
      let expected: number[] = []
      for (const touch of touches) {
        if (touch === 'clear') {
          list.clear()
          expected = []
        } else {
          list.touch(items[touch]!)
          expected = [touch, ...expected.filter((id) => id !== touch)]
        }
        expect(idsOf(list)).toEqual(expected)
      }
    }),
  )
})

/** Walks to the oldest and back, so that both links are looked at. */
function idsOf(list: RecencyList<Item>): number[] {
  const ids: number[] = []
  let oldest: Item | null = null
  for (let item = list.newest; item !== null; item = item.older) {
    ids.push(item.id)
    oldest = item
  }
  const back: number[] = []
  for (let item = oldest; item !== null; item = item.newer) back.unshift(item.id)
  expect(back).toEqual(ids)
  return ids
}
