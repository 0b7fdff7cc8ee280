import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Coalescer } from './coalescer.ts'

const LIMITS = { delayMs: 40, maxBatch: 100 }

describe('the coalescer', () => {
  test('lets the first update out at once and the rest of a burst as one, when the delay is over', () => {
    const coalescer = concatenating()
    expect(coalescer.offer([1], { nowMs: 0, urgent: false })).toEqual([1])
    expect(coalescer.offer([2], { nowMs: 1, urgent: false })).toBeUndefined()
    expect(coalescer.offer([3], { nowMs: 39, urgent: false })).toBeUndefined()
    expect(coalescer.dueAtMs).toBe(40)
    expect(coalescer.due(39)).toBeUndefined()
    expect(coalescer.due(40)).toEqual([2, 3])
    expect(coalescer.dueAtMs).toBeUndefined()
    expect(coalescer.due(1_000)).toBeUndefined()
  })

  test('makes a handful of frames of 100 updates in 100 ms, and the last one is exact', () => {
    const coalescer = concatenating()
    const frames: number[][] = []
    for (let nowMs = 0; nowMs <= 200; nowMs += 1) {
      const frame = nowMs < 100 ? coalescer.offer([nowMs], { nowMs, urgent: false }) : coalescer.due(nowMs)
      if (frame !== undefined) frames.push(frame)
    }
    expect(frames.map((frame) => frame.length)).toEqual([1, 40, 40, 19])
    expect(frames.flat()).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  test('an update after a quiet time waits for nothing', () => {
    const coalescer = concatenating()
    coalescer.offer([1], { nowMs: 0, urgent: false })
    expect(coalescer.offer([2], { nowMs: 40, urgent: false })).toEqual([2])
  })

  test('a full batch leaves early', () => {
    const coalescer = concatenating({ delayMs: 40, maxBatch: 3 })
    coalescer.offer([0], { nowMs: 0, urgent: false })
    expect(coalescer.offer([1], { nowMs: 1, urgent: false })).toBeUndefined()
    expect(coalescer.offer([2], { nowMs: 2, urgent: false })).toBeUndefined()
    expect(coalescer.offer([3], { nowMs: 3, urgent: false })).toEqual([1, 2, 3])
    expect(coalescer.offer([4], { nowMs: 42, urgent: false })).toBeUndefined()
  })

  test('what is urgent leaves at once and takes along what waits', () => {
    const coalescer = concatenating()
    coalescer.offer([1], { nowMs: 0, urgent: false })
    coalescer.offer([2], { nowMs: 1, urgent: false })
    expect(coalescer.offer([3], { nowMs: 2, urgent: true })).toEqual([2, 3])
    expect(coalescer.offer([4], { nowMs: 3, urgent: true })).toEqual([4])
    expect(coalescer.offer([5], { nowMs: 4, urgent: false })).toBeUndefined()
    expect(coalescer.dueAtMs).toBe(43)
  })

  test('without a delay everything leaves at once', () => {
    const coalescer = concatenating({ delayMs: 0, maxBatch: 100 })
    expect(coalescer.offer([1], { nowMs: 0, urgent: false })).toEqual([1])
    expect(coalescer.offer([2], { nowMs: 0, urgent: false })).toEqual([2])
  })

  test('a clock that goes back holds nothing up', () => {
    const coalescer = concatenating()
    coalescer.offer([1], { nowMs: 3_600_000, urgent: false })
    expect(coalescer.offer([2], { nowMs: 0, urgent: false })).toEqual([2])
  })

  test('loses nothing, keeps the order and holds nothing longer than the delay', () => {
    const moments = fc.array(fc.record({ gapMs: fc.nat(60), urgent: fc.boolean() }), { maxLength: 50 })
    fc.assert(
      fc.property(moments, (offers) => {
        const coalescer = concatenating({ delayMs: 40, maxBatch: 5 })
        const out: number[] = []
        let nowMs = 0
        for (const [index, { gapMs, urgent }] of offers.entries()) {
          nowMs += gapMs
          out.push(...(coalescer.due(nowMs) ?? []))
          const frame = coalescer.offer([index], { nowMs, urgent })
          out.push(...(frame ?? []))
          if (frame === undefined) expect(coalescer.dueAtMs).toBeLessThanOrEqual(nowMs + 40)
          else expect(coalescer.dueAtMs).toBeUndefined()
        }
        out.push(...(coalescer.due(nowMs + 40) ?? []))
        expect(out).toEqual(offers.map((_, index) => index))
      }),
    )
  })
})

function concatenating(limits = LIMITS): Coalescer<number[]> {
  return new Coalescer<number[]>(limits, (held, next) => [...held, ...next])
}
