import { expect, test } from 'vitest'
import type { Bar } from './result.ts'
import { isFailed, verdictOf } from './verdict.ts'

const fast: Bar = { promise: 'fast', measured: '1 ms', held: true }
const right: Bar = { promise: 'no badge wrong', measured: '0', held: true, mustHold: true }
const wrong: Bar = { ...right, measured: '1', held: false }
const late = ['the generator was late']
const [short, long] = [{ isShort: true }, { isShort: false }]

test('what is wrong is not held, also where the run or the bar is void for its speed', () => {
  expect(verdictOf(wrong, { voidBecause: late })).toBe('not held')
  expect(verdictOf({ ...wrong, voidBecause: 'late' }, { voidBecause: [] })).toBe('not held')
  expect(verdictOf(right, { voidBecause: late })).toBe('void')
  expect(verdictOf({ ...fast, held: false }, { voidBecause: late })).toBe('void')
})

test('what is wrong fails the command, however short or void the run', () => {
  for (const options of [short, long]) {
    expect(isFailed({ bars: [fast, wrong], voidBecause: late }, options)).toBe(true)
    expect(isFailed({ bars: [fast, right], voidBecause: [] }, options)).toBe(false)
  }
})

test('a run that proves nothing about speed fails, but not a short one', () => {
  const voided = { ...fast, voidBecause: 'the rival was not at its end' }
  const unmeasured = { ...fast, measured: 'NaN ms' }
  for (const nothing of [
    { bars: [fast, right], voidBecause: late },
    { bars: [voided, unmeasured, right], voidBecause: [] },
  ]) {
    expect(isFailed(nothing, long)).toBe(true)
    expect(isFailed(nothing, short)).toBe(false)
  }
  expect(isFailed({ bars: [fast, voided, right], voidBecause: [] }, long)).toBe(false)
  expect(isFailed({ bars: [unmeasured, right], voidBecause: [] }, long)).toBe(false)
})

test('an aim is reached or not, and fails nothing', () => {
  const aim = { ...fast, held: false, isAim: true }
  expect(verdictOf(aim, { voidBecause: [] })).toBe('not reached')
  expect(verdictOf({ ...aim, held: true }, { voidBecause: [] })).toBe('reached')
  expect(verdictOf(aim, { voidBecause: late })).toBe('void')
  expect(isFailed({ bars: [fast, aim, right], voidBecause: [] }, long)).toBe(false)
})

test('a bar of speed that is not held fails, but not of a short run', () => {
  const slow = { bars: [{ ...fast, held: false }, right], voidBecause: [] }
  expect(isFailed(slow, long)).toBe(true)
  expect(isFailed(slow, short)).toBe(false)
})
