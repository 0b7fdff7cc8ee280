import { expect, test } from 'vitest'
import { LazyMap } from './lazy-map.ts'

test('it says what a map says, empty, filled and emptied again', () => {
  const map = new LazyMap<string, number>()
  expect([map.size, map.get('a'), map.has('a'), map.delete('a'), [...map], [...map.keys()]]).toEqual([
    0,
    undefined,
    false,
    false,
    [],
    [],
  ])
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.size, map.get('a'), map.has('b'), [...map.keys()]]).toEqual([2, 3, true, ['a', 'b']])
  expect(map.delete('a')).toBe(true)
  expect([...map]).toEqual([['b', 2]])
  expect(map.delete('b')).toBe(true)
  expect([map.size, [...map]]).toEqual([0, []])
  map.set('c', 4)
  map.clear()
  expect(map.size).toBe(0)
})

test('entries may be taken out, the last one too, while all of them are gone through', () => {
  const map = new LazyMap<string, number>()
  for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index)
  const seen: string[] = []
  for (const [key] of map) {
    seen.push(key)
    map.delete(key)
  }
  expect(seen).toEqual(['a', 'b', 'c'])
  expect(map.size).toBe(0)
})
