import { expect, test } from 'vitest'
import { brokenPromises } from './promises.ts'

const place = { roomId: 'room', senderId: 'ann' }

test('what is stored and was acknowledged breaks no promise, nor does what is stored without an answer', () => {
  const promised = [{ ...place, clientIds: ['1', '2'] }]
  const stored = [{ ...place, clientIds: ['2', '1', '3'] }]
  expect(brokenPromises(promised, stored)).toEqual({ lost: 0, twice: 0 })
})

test('a message that is stored without an answer does not stand in for a lost one', () => {
  const promised = [{ ...place, clientIds: ['1', '2'] }]
  const stored = [{ ...place, clientIds: ['1', '3'] }]
  expect(brokenPromises(promised, stored)).toEqual({ lost: 1, twice: 0 })
})

test('a message that is stored twice is told and does not hide a lost one', () => {
  const promised = [{ ...place, clientIds: ['1', '2'] }]
  const stored = [{ ...place, clientIds: ['1', '1'] }]
  expect(brokenPromises(promised, stored)).toEqual({ lost: 1, twice: 1 })
})

test('a message counts where it was written: in another room or of another sender it is lost', () => {
  const promised = [{ ...place, clientIds: ['1'] }]
  expect(brokenPromises(promised, [{ ...place, roomId: 'elsewhere', clientIds: ['1'] }]).lost).toBe(1)
  expect(brokenPromises(promised, [{ ...place, senderId: 'bob', clientIds: ['1'] }]).lost).toBe(1)
  expect(brokenPromises(promised, []).lost).toBe(1)
})
