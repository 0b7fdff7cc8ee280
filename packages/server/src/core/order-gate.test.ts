import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OrderGate } from './order-gate.ts'

const LIMITS = { gapWaitMs: 100, maxHeld: 1_000 }

describe('the order gate of a room', () => {
  test('lets messages through in order of seq, however they arrive', () => {
    const gate = new OrderGate(10, LIMITS)
    expect(accept(gate, 12, 0)).toEqual([])
    expect(accept(gate, 13, 0)).toEqual([])
    expect(accept(gate, 11, 5)).toEqual([11, 12, 13])
    expect(gate.passedSeq).toBe(13)
    expect(gate.dueAtMs).toBeUndefined()
  })

  test('lets each through once, and nothing of the history', () => {
    const gate = new OrderGate(10, LIMITS)
    expect(accept(gate, 10, 0)).toEqual([])
    expect(accept(gate, 3, 0)).toEqual([])
    expect(accept(gate, 11, 0)).toEqual([11])
    expect(accept(gate, 11, 0)).toEqual([])
    expect(accept(gate, 13, 0)).toEqual([])
    expect(accept(gate, 13, 0)).toEqual([])
    expect(accept(gate, 12, 0)).toEqual([12, 13])
  })

  test('gives a gap up for lost 100 ms after the first message behind it', () => {
    const gate = new OrderGate(10, LIMITS)
    expect(gate.lostGap(0)).toBeUndefined()
    accept(gate, 14, 50)
    accept(gate, 12, 90)
    expect(gate.dueAtMs).toBe(150)
    expect(gate.lostGap(149)).toBeUndefined()
    expect(gate.lostGap(150)).toEqual({ afterSeq: 10, beforeSeq: 12 })
    expect(gate.fill([{ seq: 11 }], 11).map(({ seq }) => seq)).toEqual([11, 12])
    expect(gate.lostGap(150)).toEqual({ afterSeq: 12, beforeSeq: 14 })
  })

  test('a gap that closed by itself is none', () => {
    const gate = new OrderGate(10, LIMITS)
    accept(gate, 12, 0)
    accept(gate, 11, 99)
    expect(gate.lostGap(1_000)).toBeUndefined()
  })

  test('what the database does not have either is waited for no longer', () => {
    const gate = new OrderGate(10, LIMITS)
    accept(gate, 14, 0)
    expect(gate.fill([{ seq: 12 }], 13).map(({ seq }) => seq)).toEqual([12, 14])
    expect(accept(gate, 11, 200)).toEqual([])
    expect(accept(gate, 15, 200)).toEqual([15])
  })

  test('takes a filling in parts, and one that overlaps what arrived meanwhile', () => {
    const gate = new OrderGate(0, LIMITS)
    accept(gate, 5, 0)
    expect(gate.fill([{ seq: 2 }, { seq: 1 }], 2).map(({ seq }) => seq)).toEqual([1, 2])
    expect(accept(gate, 3, 10)).toEqual([3])
    expect(gate.fill([{ seq: 3 }, { seq: 4 }, { seq: 5 }], 5).map(({ seq }) => seq)).toEqual([4, 5])
    expect(gate.dueAtMs).toBeUndefined()
  })

  test('with too many waiting the gap is lost at once', () => {
    const gate = new OrderGate(0, { gapWaitMs: 100, maxHeld: 3 })
    accept(gate, 2, 0)
    accept(gate, 3, 0)
    expect(gate.lostGap(0)).toBeUndefined()
    accept(gate, 4, 0)
    expect(gate.lostGap(0)).toEqual({ afterSeq: 0, beforeSeq: 2 })
  })

  test('whatever is late, doubled or lost: every seq once, in order', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 })
    fc.assert(
      fc.property(arrivals, (seqs) => {
        const gate = new OrderGate(0, { gapWaitMs: 2, maxHeld: 8 })
        const passed: number[] = []
        for (const [nowMs, seq] of seqs.entries()) {
          passed.push(...accept(gate, seq, nowMs))
          const gap = gate.lostGap(nowMs)
          if (gap === undefined) continue
          const missed = Array.from({ length: gap.beforeSeq - gap.afterSeq - 1 }, (_, index) => ({
            seq: gap.afterSeq + 1 + index,
          }))
          passed.push(...gate.fill(missed, gap.beforeSeq - 1).map((message) => message.seq))
        }
        expect(passed).toEqual(Array.from({ length: gate.passedSeq }, (_, index) => index + 1))
      }),
    )
  })
})

function accept(gate: OrderGate<{ seq: number }>, seq: number, nowMs: number): number[] {
  return gate.accept({ seq }, nowMs).map((message) => message.seq)
}
