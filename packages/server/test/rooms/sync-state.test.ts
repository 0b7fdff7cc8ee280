import type { RoomId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { hasMoved, namesEtag, syncEtag } from '../../src/core/sync-state.ts'

const a = 'a' as RoomId
const b = 'b' as RoomId
const head = (roomId: RoomId, change: number, left = false) => ({ roomId, change, left })
const has = (since: number | undefined, ...rooms: [RoomId, number][]) => ({
  since,
  rooms: rooms.map(([roomId, change]) => ({ roomId, change })),
})

test('nothing moved when the rev and every named head are what the client has', () => {
  const state = { rev: 7, heads: [head(a, 3), head(b, 9)] }
  expect(hasMoved(state, has(7))).toBe(false)
  expect(hasMoved(state, has(7, [a, 3], [b, 9]))).toBe(false)
})

test('another rev is a move, whichever way, and so is having none', () => {
  const state = { rev: 7, heads: [] }
  expect(hasMoved(state, has(6))).toBe(true)
  expect(hasMoved(state, has(8))).toBe(true)
  expect(hasMoved(state, has(undefined))).toBe(true)
})

test('a named room with a higher change is a move although the rev stayed', () => {
  expect(hasMoved({ rev: 7, heads: [head(a, 4)] }, has(7, [a, 3]))).toBe(true)
})

test('a client that read the database before the ledger merged it is ahead, and there is nothing to tell', () => {
  expect(hasMoved({ rev: 7, heads: [head(a, 4)] }, has(7, [a, 5]))).toBe(false)
})

test('rooms of others, and rooms one left, never move', () => {
  expect(hasMoved({ rev: 7, heads: [head(a, 9, true)] }, has(7, [a, 0], [b, 0]))).toBe(false)
})

test('the etag changes with the rev and with every named head, and with nothing else', () => {
  const heads = [head(a, 3), head(b, 9)]
  const position = has(7, [a, 3], [b, 9])
  const etag = syncEtag({ rev: 7, heads }, position)
  expect(etag).toMatch(/^"[\w-]+"$/)
  expect(syncEtag({ rev: 8, heads }, position)).not.toBe(etag)
  expect(syncEtag({ rev: 7, heads: [head(a, 4), head(b, 9)] }, position)).not.toBe(etag)
  expect(syncEtag({ rev: 7, heads: [head(a, 3), head(b, 9, true)] }, position)).not.toBe(etag)
  expect(syncEtag({ rev: 7, heads }, has(7, [a, 3]))).not.toBe(etag)
  expect(syncEtag({ rev: 7, heads: heads.toReversed() }, has(7, [b, 9], [a, 1]))).toBe(etag)
})

test.each([
  ['"7-x"', true],
  ['W/"7-x"', true],
  ['"6-x", W/"7-x" ', true],
  ['"7-y"', false],
  ['7-x', false],
  ['*', false],
  ['', false],
])('If-None-Match %s names the etag: %s', (header, named) => {
  expect(namesEtag(header, '"7-x"')).toBe(named)
})
