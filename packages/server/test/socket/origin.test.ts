import { describe, expect, test } from 'vitest'
import { isOriginAllowed } from '../../src/edges/socket/origin.ts'

const allowed = ['https://app.example.com', 'http://localhost:3000']
const host = 'tally.example.com'

describe('a browser page of another origin may connect only when its whole origin is listed', () => {
  test.each([
    ['https://app.example.com', true],
    ['http://localhost:3000', true],
    ['https://tally.example.com', true],
    ['http://tally.example.com', true],
    ['https://app.example.com.evil.net', false],
    ['https://evilapp.example.com', false],
    ['https://app.example.com:8443', false],
    ['http://app.example.com', false],
    ['https://app.example.com/', false],
    ['https://tally.example.com.evil.net', false],
    ['https://tally.example.com@evil.net', false],
    ['https://evil.net#tally.example.com', false],
    ['null', false],
    ['', false],
    ['file://', false],
    ['https://', false],
    ['*', false],
    ['https://app.example.com https://evil.net', false],
  ])('%s', (origin, expected) => {
    expect(isOriginAllowed({ origin, host, allowed })).toBe(expected)
  })

  test('a native app sends none', () => {
    expect(isOriginAllowed({ origin: undefined, host, allowed: [] })).toBe(true)
  })

  test('a star alone opens it to every page, but not to what is no page', () => {
    expect(isOriginAllowed({ origin: 'https://any.example', host, allowed: ['*'] })).toBe(true)
    expect(isOriginAllowed({ origin: 'null', host, allowed: ['*'] })).toBe(false)
  })

  test('without a Host nothing is its own page', () => {
    expect(isOriginAllowed({ origin: 'https://tally.example.com', host: undefined, allowed })).toBe(false)
  })
})
