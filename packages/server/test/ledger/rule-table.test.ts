import { AssertionError } from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MERGE_RULE, type MergeRule } from '../../src/core/registers.ts'
import { MemoryLedger } from '../../src/ledger/memory-ledger.ts'
import { describeHistory, type HistoryStep, histories, play } from './history.ts'
import type { Weakness } from './ledger-world.ts'
import { SOMETIMES, type Sometimes } from './sometimes.ts'

/** As many as fit a test run; more by hand: `RULE_TABLE_HISTORIES=20000 npx vitest run rule-table`. */
const HISTORIES = Number(process.env['RULE_TABLE_HISTORIES'] ?? 1_500)
const STEPS = 300

/** A weakened rule is found out within a few dozen histories; after so many it counts as not found. */
const WEAKENED_HISTORIES = 1_000

const TIMEOUT_MS = 20_000 + HISTORIES * 20

describe('the rule table, played at random', () => {
  test(
    'tally − settled = recount, and the ledger says so, after events late, twice and out of order',
    async () => {
      const happened = new Set<Sometimes>()
      const property = fc.asyncProperty(histories(STEPS), (history) =>
        playWith(history, {}, (what) => happened.add(what)),
      )
      await fc.assert(property, { numRuns: HISTORIES, reporter: report })
      expect(SOMETIMES.filter((what) => !happened.has(what))).toEqual([])
    },
    TIMEOUT_MS,
  )
})

describe('the same histories notice', () => {
  const brokenRules: Record<string, MergeRule> = {
    'a tally and a change that the last write wins': { ...MERGE_RULE, counter: (_, offered) => offered },
    'a tally and a change that the first write wins': {
      ...MERGE_RULE,
      counter: (held, offered) => (held > 0 ? held : offered),
    },
    'a tally and a change that are added up': {
      ...MERGE_RULE,
      counter: (held, offered) => (offered > held ? offered : held + 1),
    },
    'settled and flags taken whatever their version': { ...MERGE_RULE, replaces: () => true },
    'settled and flags never replaced': { ...MERGE_RULE, replaces: () => false },
    'the higher settled winning': {
      ...MERGE_RULE,
      replaces: (held, offered) => offered.settled > held.settled,
    },
    'the lower version winning': {
      ...MERGE_RULE,
      replaces: (held, offered) => offered.version < held.version,
    },
  }
  test.for(Object.keys(brokenRules))('%s', async (name) => {
    expect(await findCounterexample({ mergeRule: brokenRules[name]! })).toBe('found')
  })

  const weaknesses: Weakness[] = [
    'a snapshot read before the key exists',
    'a warming finished by another’s snapshot',
  ]
  test.for(weaknesses)('%s', async (weakness) => {
    expect(await findCounterexample({ weakness })).toBe('found')
  })
})

type Broken = { mergeRule?: MergeRule; weakness?: Weakness }

function playWith(
  history: readonly HistoryStep[],
  { mergeRule, weakness }: Broken,
  happened: (what: Sometimes) => void = () => {},
): Promise<void> {
  return play(history, {
    happened,
    openLedger: (now) => new MemoryLedger({ now, ...(mergeRule === undefined ? {} : { mergeRule }) }),
    ...(weakness === undefined ? {} : { weakness }),
  })
}

async function findCounterexample(broken: Broken): Promise<string> {
  const property = fc.asyncProperty(histories(STEPS), (history) => playWith(history, broken))
  const found = await fc.check(property, { numRuns: WEAKENED_HISTORIES, endOnFailure: true })
  const isNoticed = found.failed && found.errorInstance instanceof AssertionError
  return isNoticed
    ? 'found'
    : `not found in ${found.numRuns} histories, seed ${found.seed}: ${String(found.errorInstance)}`
}

function report(details: fc.RunDetails<[HistoryStep[]]>): void {
  if (!details.failed) return
  const history = details.counterexample === null ? '' : describeHistory(details.counterexample[0])
  throw new Error(`seed ${details.seed}, path ${details.counterexamplePath}:\n${history}`, {
    cause: details.errorInstance,
  })
}
