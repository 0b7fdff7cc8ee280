import { expect, test } from 'vitest'
import { BROKEN_RULES, type BrokenRule } from './broken-rules.ts'
import { type RunOptions, runSeed } from './run-seed.ts'
import { SOMETIMES, type Sometimes } from './sometimes.ts'

const SEEDS = 200
/** Within so many runs a mistake on purpose has to be noticed. */
const NOTICED_WITHIN = 600
/** Twice as long as others: what is wrong in a room stays so only until something happens in it again. */
const NOTICED_STEPS = 160
/**
 * What a ledger missed while it hung is told again, so one that is used as if it had missed nothing is wrong only where
 * that went wrong, too: in one run of fifty, if it hangs time and again, and hardly ever with the usual faults.
 */
const USUAL: Pick<RunOptions, 'steps' | 'moreOften'> = { steps: NOTICED_STEPS }
const HANGING: typeof USUAL = {
  steps: 60,
  moreOften: { hang: 20, send: 0.5, 'read all that is shown': 6, 'read a part': 6, 'mark unread': 6 },
}
/** Two frames about one message have to cross, on the way to the one app that shows what comes last. */
const REACTING: typeof USUAL = {
  moreOften: {
    ...{ react: 20, 'take a reaction off': 20, 'installed app opens a room': 12 },
    ...{ vanish: 0.2, flush: 0.2, kick: 0.1, leave: 0.1, 'kill a node': 0.2 },
  },
}
const NOTICED_BY: Partial<Record<BrokenRule, typeof USUAL>> = {
  'key used though its epoch is over': HANGING,
  'older edit told as it came': REACTING,
}
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
    const run = NOTICED_BY[broken] ?? USUAL
    let noticed = false
    for (let seed = 1; seed <= NOTICED_WITHIN && !noticed; seed += 1) {
      noticed = (await runSeed({ seed, broken, ...run })).violation !== undefined
    }
    expect(noticed).toBe(true)
  },
  TIMEOUT_MS,
)
