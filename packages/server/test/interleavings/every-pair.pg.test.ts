import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Trials } from '../../test-support/interleaving-trials.ts'
import { ACTIONS, type Action, type Reader } from './actions.ts'
import { inWords } from './in-words.ts'

let trials: Trials
let schedules = 0

beforeAll(async () => {
  trials = await Trials.open()
})

afterAll(async () => {
  await trials.close()
  process.stdout.write(`${schedules} schedules of two actions at the same time\n`)
})

// Scenario 31. What has to hold after each of them: interleaving-verdict.ts.
describe.concurrent('[31] in every interleaving, at rest every count is the recount:', () => {
  describe.for(ACTIONS)('$name', (action) => {
    const others = ACTIONS.slice(ACTIONS.indexOf(action)).filter((other) => canMeet(action, other))
    test.for(others)('beside $name', async (other) => {
      const reader = readerOf(action, other)
      const found = await trials.run((world) => ({
        a: action.call({ world, reader, side: 'a' }),
        b: other.call({ world, reader, side: 'b' }),
      }))
      schedules += found.schedules
      expect(found.failures.map(inWords)).toEqual([])
      // Both orders of the commits at least.
      expect(found.schedules).toBeGreaterThanOrEqual(2)
    })
  })
})

function canMeet(action: Action, other: Action): boolean {
  return action.about === other.about || action.about === 'everything' || other.about === 'everything'
}

/** Of two joins the first is for ever the other person's: a join has its own. */
function readerOf(action: Action, other: Action): Reader {
  const readers = [action.reader, other.reader]
  if (readers.includes('dan')) return 'dan'
  return readers.includes('eve') ? 'eve' : 'ben'
}
