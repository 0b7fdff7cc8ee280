import { expect, test } from 'vitest'
import { faultsOf } from './drift.ts'

const RIGHT = { expected: 64, asked: 64, pushed: 64, refused: 0, settledMs: 3 }

test('a round is wrong when either total is, and once when both are', () => {
  const rounds = [RIGHT, { ...RIGHT, asked: 63 }, { ...RIGHT, pushed: 65 }, { ...RIGHT, asked: 1, pushed: 1 }]
  expect(faultsOf(rounds)).toMatchObject({ wrong: 3, wrongAsked: 2, wrongPushed: 2 })
})

test('messages that were refused are told, and how long the slowest round took', () => {
  const rounds = [RIGHT, { ...RIGHT, expected: 127, asked: 127, pushed: 127, refused: 1, settledMs: 80 }]
  expect(faultsOf(rounds)).toMatchObject({ wrong: 0, refused: 1, settledMs: 80 })
})
