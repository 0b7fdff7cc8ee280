import { expect, test } from 'vitest'
import { piecesOf } from './excerpt.tsx'

const shown = (text: string, ...matches: [start: number, end: number][]) =>
  piecesOf(
    text,
    matches.map(([start, end]) => ({ start, end })),
  )
    .map(({ piece, marked }) => (marked ? `[${piece}]` : piece))
    .join('')

test('what was found is marked, in any order, and overlapping marks are one', () => {
  expect(shown('내일 오후 3시', [3, 5])).toBe('내일 [오후] 3시')
  expect(shown('내일 오후 3시', [6, 7], [0, 2])).toBe('[내일] 오후 [3]시')
  expect(shown('abcdef', [1, 4], [2, 5])).toBe('a[bcd][e]f')
  expect(shown('abc')).toBe('abc')
})

test('marks beyond the text mark nothing', () => {
  expect(shown('abc', [2, 9], [7, 8])).toBe('ab[c]')
})
