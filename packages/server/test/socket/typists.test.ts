import type { RoomId, UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { Typists } from '../../src/edges/socket/typists.ts'

const ROOM = 'room' as RoomId
const ANN = 'ann' as UserId

function setUp() {
  const clock = { nowMs: 0 }
  const told: unknown[] = []
  const typists = new Typists({
    ttlMs: 12_000,
    nowMs: () => clock.nowMs,
    tell: ({ payload, exceptUserId }) => told.push([payload['userId'], payload['typing'], exceptUserId]),
  })
  const hear = (nodeId: string, typing: boolean) =>
    typists.hear({ kind: 'typing', nodeId, roomId: ROOM, userId: ANN, typing })
  return { clock, told, typists, hear }
}

test('whoever types on two nodes types until both say otherwise; what is said again is not told again', () => {
  const { told, hear } = setUp()
  hear('one', true)
  hear('two', true)
  hear('one', true)
  hear('one', false)
  expect(told).toEqual([[ANN, true, ANN]])
  hear('two', false)
  expect(told).toEqual([
    [ANN, true, ANN],
    [ANN, false, ANN],
  ])
})

test('who typed on a node that is silent since has stopped', () => {
  const { clock, told, typists, hear } = setUp()
  hear('one', true)
  clock.nowMs = 9_000
  hear('one', true)
  clock.nowMs = 20_999
  typists.expire()
  expect(told).toEqual([[ANN, true, ANN]])
  clock.nowMs = 21_000
  typists.expire()
  typists.expire()
  expect(told).toEqual([
    [ANN, true, ANN],
    [ANN, false, ANN],
  ])
})
