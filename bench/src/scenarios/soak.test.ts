import { expect, test } from 'vitest'
import type { MixFigures } from './mix-run.ts'
import { barsOf } from './soak.ts'

const step = (parts: Partial<MixFigures>): MixFigures =>
  ({ rssBytes: 2 ** 28, failed: 0, unseen: 0, ...parts }) as unknown as MixFigures

test('what is refused, not answered or not seen is wrong, however short the run', () => {
  const oracle = { wrong: 0, lost: 0 }
  const broken = (steps: MixFigures[]) =>
    barsOf(steps, oracle).filter(({ mustHold = false, held }) => mustHold && !held)
  expect(broken([step({}), step({}), step({})])).toEqual([])
  for (const missing of [{ failed: 1 }, { unseen: 1 }]) {
    expect(broken([step({}), step(missing), step({})])).toHaveLength(1)
  }
})
