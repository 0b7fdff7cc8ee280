import type { Timing } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { LatencyJournal, type Measurement } from './latency-journal.ts'
import { latencyStats } from './latency-stats.ts'
import { timingParts } from './timing-parts.ts'

const timing: Timing = { acceptedAt: '2025-08-14T05:41:00Z', edgeMs: 0.5, commitMs: 2, ledgerMs: 0.5 }

function journal() {
  const measured: Measurement[] = []
  return { measured, journal: new LatencyJournal((measurement) => measured.push(measurement)) }
}

describe('a message is measured', () => {
  const steps = {
    stored: (it: LatencyJournal) => it.stored({ clientId: 'c', seq: 7 }),
    shown: (it: LatencyJournal) => {
      it.traced({ seq: 7, timing, receivedAtMs: 103.5 })
      it.shown({ seq: 7, atMs: 104 })
    },
  }
  test.each([
    ['the answer', [steps.stored, steps.shown]],
    ['the badge', [steps.shown, steps.stored]],
  ] as const)('from send to badge, also when %s comes first', (_, order) => {
    const { measured, journal: it } = journal()
    it.sent({ clientId: 'c', atMs: 100 })
    for (const step of order) step(it)
    expect(measured).toEqual([{ totalMs: 4, messages: 1, trace: { timing, shownMs: 0.5 } }])
  })
  test('by the first badge that counts it, when those of a burst were joined', () => {
    const { measured, journal: it } = journal()
    for (const seq of [1, 2, 3, 4]) {
      it.sent({ clientId: `c${seq}`, atMs: 100 + seq })
      it.stored({ clientId: `c${seq}`, seq })
    }
    it.shown({ seq: 1, atMs: 110 })
    it.shown({ seq: 4, atMs: 150 })
    expect(measured.map(({ totalMs }) => totalMs)).toEqual([9, 48, 47, 46])
  })
  test('as a burst, until the badge counts the last of it', () => {
    const { measured, journal: it } = journal()
    it.sent({ clientId: 'last', atMs: 100, messages: 100 })
    it.shown({ seq: 99, atMs: 180 })
    it.stored({ clientId: 'last', seq: 100 })
    expect(measured).toEqual([])
    it.shown({ seq: 100, atMs: 190 })
    expect(measured).toEqual([{ totalMs: 90, messages: 100, trace: null }])
  })
  test('never when it was read as it came', () => {
    const { measured, journal: it } = journal()
    it.sent({ clientId: 'c', atMs: 100 })
    it.stored({ clientId: 'c', seq: 1 })
    it.forget()
    it.shown({ seq: 2, atMs: 9_000 })
    expect(measured).toEqual([])
  })
})

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(latencyStats(values)).toMatchObject({ count: 100, lastMs: 1, p50Ms: 50, p99Ms: 99 })
  expect(latencyStats([4.2])).toMatchObject({ p50Ms: 4.2, p99Ms: 4.2, recentMs: [4.2] })
  expect(latencyStats([])).toMatchObject({ count: 0, lastMs: null, p50Ms: null, p99Ms: null })
})

test('the parts of a measured time add up to it, whatever the server says', () => {
  const parts = (totalMs: number, shownMs: number) =>
    timingParts({ totalMs, messages: 1, trace: { timing, shownMs } })
  const sum = (totalMs: number, shownMs: number) =>
    Object.values(parts(totalMs, shownMs) ?? {}).reduce((total, part) => total + part, 0)
  expect(parts(4.1, 0.8)).toEqual({ commit: 2.5, ledger: 0.5, wire: expect.closeTo(0.3), shown: 0.8 })
  expect(sum(4.1, 0.8)).toBeCloseTo(4.1)
  // A timer of the browser is coarser than the server's: the parts are then scaled, never negative.
  expect(parts(2, 0.5)?.wire).toBe(0)
  expect(sum(2, 0.5)).toBeCloseTo(2)
  expect(sum(2, 3)).toBeCloseTo(2)
  expect(timingParts({ totalMs: 2, messages: 1, trace: null })).toBeNull()
})
