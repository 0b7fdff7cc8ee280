import { expect, test } from 'vitest'
import { answeredBar } from './storm.ts'

const none = { refused: 0, unanswered: 0, unseen: 0 }
const fine = { calm: none, during: none }

test('what those who write miss is wrong in any round, before and while everybody comes back', () => {
  expect(answeredBar([fine, fine])).toMatchObject({ mustHold: true, held: true })
  for (const missing of [{ refused: 1 }, { unanswered: 1 }, { unseen: 1 }]) {
    const step = { ...none, ...missing }
    expect(answeredBar([fine, { calm: step, during: none }]).held).toBe(false)
    expect(answeredBar([{ calm: none, during: step }, fine]).held).toBe(false)
  }
  const broken = { refused: 1, unanswered: 2, unseen: 4 }
  expect(answeredBar([fine, { calm: none, during: broken }]).measured).toBe(
    '3 refused or unanswered, 4 unseen in all rounds together',
  )
})
