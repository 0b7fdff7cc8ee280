import { describe, expect, test } from 'vitest'
import { RevGate } from './rev-gate.ts'

const told = (since: number, rev: number) => ({ since, rev })
/** A gate that is told everything from a rev on. */
function gateFrom(rev: number): RevGate<{ since: number; rev: number }> {
  const gate = new RevGate<{ since: number; rev: number }>(150)
  gate.begin(rev)
  return gate
}

const revs = (passed: readonly { rev: number }[]) => passed.map(({ rev }) => rev)

describe('what nodes tell about one person', () => {
  test('goes on at once in order', () => {
    const gate = gateFrom(10)
    expect(revs(gate.accept(told(10, 11), 0))).toEqual([11])
    expect(revs(gate.accept(told(11, 13), 0))).toEqual([13])
    expect(gate.dueAtMs).toBeUndefined()
  })

  test('waits for what it follows upon when it comes too early', () => {
    const gate = gateFrom(11)
    expect(gate.accept(told(13, 14), 5)).toEqual([])
    expect(gate.accept(told(12, 13), 6)).toEqual([])
    expect(revs(gate.accept(told(11, 12), 7))).toEqual([12, 13, 14])
    expect(gate.dueAtMs).toBeUndefined()
  })

  test('waits no longer than it has to for something that was lost, and then goes on in order', () => {
    const gate = gateFrom(11)
    gate.accept(told(13, 14), 5)
    gate.accept(told(12, 13), 6)
    expect(gate.dueAtMs).toBe(155)
    expect(gate.due(154)).toEqual([])
    expect(revs(gate.due(155))).toEqual([13, 14])
    expect(gate.dueAtMs).toBeUndefined()
  })

  test('waits for its beginning', () => {
    const gate = new RevGate<{ since: number; rev: number }>(150)
    expect(gate.accept(told(11, 12), 0)).toEqual([])
    expect(gate.accept(told(12, 13), 1)).toEqual([])
    expect(revs(gate.begin(11))).toEqual([12, 13])
    expect(gate.begin(5)).toEqual([])
    expect(gate.passedRev).toBe(13)
  })

  test('late or again, or from before another warming, it goes on: rows are compared one by one', () => {
    const gate = gateFrom(14)
    expect(revs(gate.accept(told(10, 11), 0))).toEqual([11])
    expect(revs(gate.accept(told(0, 1_000), 0))).toEqual([1_000])
    expect(gate.accept(told(1_001, 1_002), 0)).toEqual([])
  })
})
