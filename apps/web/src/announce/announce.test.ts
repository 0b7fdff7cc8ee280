import { expect, test } from 'vitest'
import { documentTitle } from './document-title.ts'
import { faviconHref } from './favicon.ts'

test('the tab says how many are unread, and nothing when none are', () => {
  expect([0, 3, 99, 1_204].map(documentTitle)).toEqual(['Tally', '(3) Tally', '(99) Tally', '(99+) Tally'])
})

test('the favicon carries the number as a drawing', () => {
  const drawing = (total: number) => decodeURIComponent(faviconHref(total))
  expect(drawing(7)).toContain('>7</text>')
  expect(drawing(120)).toContain('>99+</text>')
  expect(drawing(0)).not.toContain('<text')
})
