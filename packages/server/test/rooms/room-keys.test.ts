import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import {
  applicationIdOf,
  applicationKey,
  isPairKey,
  isReservedKey,
  pairKey,
} from '../../src/core/room-keys.ts'

const id = (text: string) => text as UserId

test('two people have one key, from both sides', () => {
  expect(pairKey(id('mina'), id('joon'))).toBe(pairKey(id('joon'), id('mina')))
})

test('two pairs never share a key, whatever their ids are made of', () => {
  const ids = ['a', 'b', 'a:b', 'b:a', 'a%3Ab', '%', ':', 'a:', ':a', '한국']
  const keys = ids.flatMap((one, index) => ids.slice(index + 1).map((other) => pairKey(id(one), id(other))))
  expect(new Set(keys).size).toBe(keys.length)
})

test('an application is found in its key, and in no other', () => {
  expect(applicationIdOf(applicationKey('A-17'))).toBe('A-17')
  expect(applicationIdOf('support:A-17')).toBeNull()
  expect(applicationIdOf(null)).toBeNull()
})

test('what the server gives out is reserved, and only the pair is not shown', () => {
  expect(isReservedKey(applicationKey('1'))).toBe(true)
  expect(isReservedKey(pairKey(id('a'), id('b')))).toBe(true)
  expect(isReservedKey('order-4711')).toBe(false)
  expect(isPairKey(applicationKey('1'))).toBe(false)
})
