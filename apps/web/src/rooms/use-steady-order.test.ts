import { expect, test } from 'vitest'
import { anchorOf } from './use-steady-order.ts'

const rows = (ids: string) => [...ids].map((id) => ({ id }))

test('the first row on the screen stays when another one goes above it', () => {
  expect(anchorOf(rows('abcdef'), rows('fabcde'), 2)).toEqual({ from: 2, to: 3 })
})

test('the row below it stays when it is itself the one that goes to the top', () => {
  expect(anchorOf(rows('abcdef'), rows('cabdef'), 2)).toEqual({ from: 3, to: 3 })
})

test('nothing is held when the list is another one', () => {
  expect(anchorOf(rows('abc'), rows('xyz'), 1)).toBeNull()
})
