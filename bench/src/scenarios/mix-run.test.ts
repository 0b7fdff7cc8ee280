import { expect, test } from 'vitest'
import { oracleOf } from './mix-run.ts'

const ids = (...clientIds: string[]) => [{ roomId: 'room', senderId: 'sender', clientIds }]

test('a message that is lost is not made up for by another one that is stored', () => {
  expect(oracleOf(0, ids('1', '2'), ids('1', '2', 'without an answer'))).toEqual({ wrong: 0, lost: 0 })
  expect(oracleOf(0, ids('1', '2'), ids('1', 'without an answer'))).toEqual({ wrong: 0, lost: 1 })
})

test('a message that is stored twice is wrong, beside people who are shown something else', () => {
  expect(oracleOf(3, ids('1', '2'), ids('1', '1', '2'))).toEqual({ wrong: 4, lost: 0 })
  expect(oracleOf(3, ids('1', '2'), ids('1', '1'))).toEqual({ wrong: 4, lost: 1 })
})
