import { expect, test } from 'vitest'
import { BROKEN_RULES } from './broken-rules.ts'
import { runSeed } from './run-seed.ts'
import { SOMETIMES, type Sometimes } from './sometimes.ts'

const SEEDS = 200
/** Within so many runs a mistake on purpose has to be noticed. */
const NOTICED_WITHIN = 600
/** Twice as long as others: what is wrong in a room stays so only until something happens in it again. */
const NOTICED_STEPS = 160
const TIMEOUT_MS = 300_000

test(
  'whatever fails, at rest every badge is the recount, in the ledger and on every screen',
  async () => {
    const counts = new Map<Sometimes, number>()
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const result = await runSeed({ seed })
      const wrong = result.violation && { seed, message: result.violation.message, trace: result.trace }
      expect(wrong).toBeUndefined()
      for (const [what, times] of result.counts) counts.set(what, (counts.get(what) ?? 0) + times)
    }
    expect(SOMETIMES.filter((what) => !counts.has(what))).toEqual([])
  },
  TIMEOUT_MS,
)

test(
  'the same seed is the same run, to the last line of its trace',
  async () => {
    for (const seed of [3, 1_000_003]) {
      const first = await runSeed({ seed })
      const again = await runSeed({ seed })
      expect(first.trace.length).toBeGreaterThan(50)
      expect(again.trace).toEqual(first.trace)
      expect(again.counts).toEqual(first.counts)
    }
  },
  TIMEOUT_MS,
)

test.each(BROKEN_RULES)(
  'it notices: %s',
  async (broken) => {
    let noticed = false
    for (let seed = 1; seed <= NOTICED_WITHIN && !noticed; seed += 1) {
      noticed = (await runSeed({ seed, broken, steps: NOTICED_STEPS })).violation !== undefined
    }
    expect(noticed).toBe(true)
  },
  TIMEOUT_MS,
)
