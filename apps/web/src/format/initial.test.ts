import { expect, test } from 'vitest'
import { badgeNumber } from './badge-number.ts'
import { initialOf } from './initial.ts'

test('an initial is one whole sign, not half of one', () => {
  expect(initialOf('한빛 식당')).toBe('한')
  expect(initialOf('  élodie')).toBe('É')
  expect(initialOf('👩‍🍳 Chef')).toBe('👩‍🍳')
})

test('nobody has a question mark', () => {
  expect(initialOf(null)).toBe('?')
  expect(initialOf('   ')).toBe('?')
})

test('a count is written in full up to 99', () => {
  expect(['0', '99', '99+', '99+']).toEqual([0, 99, 100, 12_345].map(badgeNumber))
})

test('of a name that hides something is what one sees of it', () => {
  expect(initialOf('\u202Eevil.exe')).toBe('E')
  expect(initialOf('\u200B\u2067 ')).toBe('?')
  expect(initialOf(`e${'\u0301'.repeat(200)}`)).toBe(`E${'\u0301'.repeat(3)}`)
})
