import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Trials } from '../../test-support/interleaving-trials.ts'
import { ACTIONS } from './actions.ts'
import { inWords } from './in-words.ts'
import { canMeet, pairOf } from './pairs.ts'

// Many schedules each, and several tests at a time.
vi.setConfig({ testTimeout: 120_000 })

let trials: Trials
let pairs = 0

beforeAll(async () => {
  trials = await Trials.open()
})

afterAll(async () => {
  await trials?.close()
  process.stdout.write(`${pairs} pairs of actions at the same time, ${trials.schedules} schedules\n`)
})

// Scenario 31. What has to hold after each schedule: interleaving-verdict.ts, interleaving-lock-rule.ts.
describe.concurrent('[31] in every interleaving every count is the recount, as in one of the two orders:', () => {
  describe.for(ACTIONS)('$name', (action) => {
    const others = ACTIONS.slice(ACTIONS.indexOf(action)).filter((other) => canMeet(action, other))
    test.for(others)('beside $name', async (other) => {
      const found = await trials.run(pairOf(action, other))
      pairs += 1
      expect(found.failures.map(inWords)).toEqual([])
      expect([...found.lockFaults]).toEqual([])
    })
  })
})
