import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Trials } from '../../test-support/interleaving-trials.ts'
import { markAllRead, removeAccountThatBlocks, removeWholeAccount } from './actions.ts'
import { inWords } from './in-words.ts'
import { actionNamed } from './pairs.ts'

// Many schedules each, and several tests at a time.
vi.setConfig({ testTimeout: 300_000 })

let trials: Trials

beforeAll(async () => {
  trials = await Trials.open()
})

afterAll(async () => {
  await trials?.close()
  process.stdout.write(`${trials.schedules} schedules of actions that take several transactions\n`)
})

/** Each with what the same person, or others, do to the rows that it comes back to. */
const SEVERAL = [
  {
    name: 'marking all read',
    callOf: markAllRead,
    others: [
      ...['send by the reader', 'read at the head', 'read up to', 'mark unread', 'delete what is unread'],
      ...['block', 'leave', 'archive', 'purge'],
    ],
  },
  {
    name: 'the removal of an account',
    callOf: removeWholeAccount,
    others: [
      ...['send by the reader', 'read at the head', 'mark unread', 'notification'],
      ...['read one notification', 'read all notifications', 'archive notifications'],
    ],
  },
  {
    name: 'the removal of an account that may block somebody by then',
    callOf: removeAccountThatBlocks,
    others: ['block'],
  },
] as const

// Whoever looked before one of the transactions may act after another: two calls cannot show that.
describe.concurrent('[31] beside something that takes several transactions every count is the recount:', () => {
  describe.for(SEVERAL)('$name', ({ callOf, others }) => {
    test.for([...others])('beside %s', async (name) => {
      const found = await trials.run((world) => ({
        a: callOf(world, 'ben'),
        b: actionNamed(name).call({ world, reader: 'ben', side: 'b' }),
      }))
      expect(found.failures.map(inWords)).toEqual([])
      expect([...found.lockFaults]).toEqual([])
    })
  })
})
