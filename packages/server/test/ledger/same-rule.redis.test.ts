import assert, { AssertionError } from 'node:assert/strict'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LedgerOutcome, LedgerRoom } from '../../src/core/ledger-step.ts'
import type { LedgerView } from '../../src/core/ledger-view.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { ledgerScript } from '../../src/ledger/ledger-script.ts'
import { RedisLedger } from '../../src/ledger/redis-ledger.ts'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'
import { testRedis } from '../../test-support/test-redis.ts'
import { RandomSteps } from './random-steps.ts'
import { RuleLedger } from './rule-ledger.ts'

/** As many as fit a test run; more by hand: `SAME_RULE_STEPS=10000000 npx vitest run same-rule`. */
const STEPS = Number(process.env['SAME_RULE_STEPS'] ?? 100_000)
const SEED = Number(process.env['SAME_RULE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const USERS = 150

/** A weakened script is found out within some thousands of steps, always of these. */
const WEAKENED_STEPS = 100_000
const WEAKENED_SEED = 1

const TIMEOUT_MS = 120_000 + STEPS

const { url, prefix } = testRedis()
const IDLE_TTL_MS = 3_600_000

let redis: OpenedRedis
beforeAll(async () => {
  redis = openRedis({ url, commandTimeoutMs: 30_000 })
  await redis.untilReady(30_000)
})
afterAll(async () => {
  await redisLedger(() => 0).drop('all')
  redis.close()
})

describe('the script and the rule in TypeScript', () => {
  test(
    'answer every random step alike',
    async () => {
      const seen = new Set<string>()
      await compare({ steps: STEPS, seed: SEED, ledger: redisLedger, happened: (what) => seen.add(what) })
      expect([...seen].sort()).toEqual([...HAPPENINGS].sort())
    },
    TIMEOUT_MS,
  )
})

describe('next to a version that sums up no leases and knows no ordinary steps', () => {
  test(
    'the script answers every random step alike',
    async () => {
      const older = ledgerScript()
        .replace('packNumbers(entry, summaryOfLeases(entry))', 'packNumbers(entry)')
        .replace('not lapsesAtMs or lapsesAtMs <= nowMs', 'true')
        .replace('if changes or not values[3]', 'if true')
      const ledger = (now: () => number) => inTurns(redisLedger(now), redisLedger(now, older))
      await compare({ steps: STEPS, seed: SEED, ledger })
    },
    TIMEOUT_MS,
  )
})

describe('the same steps notice', () => {
  const weaknesses: Record<string, [right: string, wrong: string]> = {
    'a tally that the last write wins': ['if tally > room.tally', 'if tally >= 0'],
    'a change that the last write wins': ['if change > room.change', 'if change >= 0'],
    'settled and flags taken whatever their version': ['version <= room.version', 'version < 0'],
    'a warming that never takes over': ['nowMs - entry.warmBegunAtMs < WARM_TAKEOVER_MS', 'true'],
    'a warming finished by another’s snapshot': ['entry.warm ~= warm', 'false'],
    'registers that a new warming does not forget': ['if isForgotten and', 'if false and'],
    'leases that never lapse': ['device[4][placeOfOpen(device, field) + 1] <= nowMs', 'false'],
    'a room left once that comes back by a late event': ['has(was, LEFT) and has(room.flags, LEFT)', 'false'],
    'untold changes that a warming forgets': ['do room.pending = true end', 'do end'],
    'changes told as if every outcome had been heard': ['toldN ~= nBefore and', 'false and'],
    'an ordinary tally that the last write wins': ['newTally > tally', 'newTally >= 0'],
    'an ordinary change that the last write wins': ['newChange > change', 'newChange >= 0'],
    'an ordinary row taken whatever its version': ['newVersion > version', 'newVersion >= 0'],
    'an ordinary step that forgets what was told to nobody': ['toldN ~= n or', ''],
    'an ordinary step in a room that is not': ['if bits then return false end', ''],
    'an ordinary step while leases lapse': ['lapsesAtMs and lapsesAtMs > nowMs', 'lapsesAtMs'],
    'a summary of leases that overlooks an open room': ['#device[4] > 0 or', ''],
    'a summary of leases that overlooks a node': ['node and node ~= device[2]', 'false'],
  }
  test.for(Object.keys(weaknesses))('%s', { timeout: TIMEOUT_MS }, async (name) => {
    const [right, wrong] = weaknesses[name]!
    const script = ledgerScript().replace(right, () => wrong)
    assert.notEqual(script, ledgerScript())
    const ledger = (now: () => number) => redisLedger(now, script)
    await expect(compare({ steps: WEAKENED_STEPS, seed: WEAKENED_SEED, ledger })).rejects.toThrow(
      AssertionError,
    )
  })
})

/** What must have happened, or the comparison proves less than it seems to. */
const HAPPENINGS = [
  'begun',
  'busy',
  'ready',
  'outcome: cold',
  'outcome: warming',
  'outcome: ready',
  'outcome: missing rooms',
  'outcome: several rooms',
  'view: cold',
  'view: warming',
  'view: ready',
  'view: changed since',
  'view: unknown since',
  'view: open rooms',
]

function redisLedger(now: () => number, script?: string): Ledger {
  const options = { redis, prefix, now, epoch: () => 0, idleTtlMs: IDLE_TTL_MS }
  return new RedisLedger({ ...options, ...(script === undefined ? {} : { script }) })
}

/** One ledger of two versions, of which every call meets the other one. */
function inTurns(one: Ledger, other: Ledger): Ledger {
  let calls = 0
  const next = () => {
    calls += 1
    return calls % 2 === 0 ? one : other
  }
  return {
    apply: (steps) => next().apply(steps),
    beginWarm: (users) => next().beginWarm(users),
    finishWarm: (users) => next().finishWarm(users),
    read: (queries) => next().read(queries),
    drop: (users) => next().drop(users),
    stats: () => one.stats(),
  }
}

/** Gives both ledgers the same steps and compares every answer. */
async function compare(options: {
  steps: number
  seed: number
  ledger: (now: () => number) => Ledger
  happened?: (what: string) => void
}): Promise<void> {
  const { seed, happened = () => {} } = options
  let nowMs = 1_000
  const now = () => nowMs
  const rule = new RuleLedger(now)
  const script = options.ledger(now)
  await script.drop('all')
  const random = new RandomSteps({ seed, users: USERS })
  const message = `seed ${seed}`
  for (let done = 0; done < options.steps; ) {
    const { drops, beginnings, snapshots, steps, queries, passesMs } = random.nextRound()
    rule.drop(drops)
    await script.drop(drops)

    // Before the warmings: what lapses in a read has been told to nobody when they begin.
    const views = rule.read(queries).map(openedInAnyOrder)
    assert.deepEqual((await script.read(queries)).map(openedInAnyOrder), views, message)

    const answers = rule.beginWarm(beginnings)
    assert.deepEqual(await script.beginWarm(beginnings), answers, message)

    const finished = rule.finishWarm(snapshots).map(inAnyOrder)
    assert.deepEqual((await script.finishWarm(snapshots)).map(inAnyOrder), finished, message)

    const outcomes = rule.apply(steps)
    assert.deepEqual(await script.apply(steps), outcomes, message)

    for (const outcome of outcomes) {
      if (outcome.state === 'ready') random.heard(outcome.userId, outcome.badge.rev)
    }
    for (const what of [...answers, ...outcomes.flatMap(whatItTold), ...views.flatMap(whatItShowed)]) {
      happened(what)
    }
    done += answers.length + finished.length + outcomes.length + views.length
    nowMs += passesMs
  }
}

/** A warming tells rooms in no particular order. */
function inAnyOrder(outcome: LedgerOutcome): LedgerOutcome {
  if (outcome.state !== 'ready') return outcome
  return { ...outcome, rooms: outcome.rooms.toSorted(byRoomId), missing: outcome.missing.toSorted() }
}

function openedInAnyOrder(view: LedgerView): LedgerView {
  return view.state === 'ready' ? { ...view, opens: view.opens.toSorted() } : view
}

function byRoomId(a: LedgerRoom, b: LedgerRoom): number {
  return a.roomId < b.roomId ? -1 : 1
}

function whatItTold(outcome: LedgerOutcome): string[] {
  if (outcome.state !== 'ready') return [`outcome: ${outcome.state}`]
  return [
    'outcome: ready',
    ...(outcome.missing.length > 0 ? ['outcome: missing rooms'] : []),
    ...(outcome.rooms.length > 2 ? ['outcome: several rooms'] : []),
  ]
}

function whatItShowed(view: LedgerView): string[] {
  if (view.state !== 'ready') return [`view: ${view.state}`]
  return [
    'view: ready',
    view.changedSince === 'unknown' ? 'view: unknown since' : 'view: changed since',
    ...(view.opens.length > 0 ? ['view: open rooms'] : []),
  ]
}
