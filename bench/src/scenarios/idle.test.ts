import { expect, test } from 'vitest'
import { kibEach } from './idle.ts'

test('a connection takes the worse of what the first and what all of them take', () => {
  const idle = { count: 100, rssBefore: 0, rssAfter: 100 * 10_240 }
  expect(kibEach({ ...idle, more: { count: 200, rssBytes: 200 * 17_408 } })).toEqual({
    first: 10,
    all: 17,
    worse: 17,
  })
  expect(kibEach({ ...idle, more: { count: 200, rssBytes: 200 * 8_192 } }).worse).toBe(10)
})
