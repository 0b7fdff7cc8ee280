import { expect, test } from 'vitest'
import { barsOf } from './pairs-bars.ts'
import { highlightsOf } from './pairs-highlights.ts'
import type { StepFigures } from './pairs-run.ts'

const RATE = 1_000

function stepsOf(contestant: string, p99s: readonly number[], limitedBy?: string): StepFigures[] {
  return p99s.map((p99) => {
    const latencies = { count: 1, p50: p99 / 4, p90: p99, p99, max: p99 }
    const none = { refused: 0, unanswered: 0, unseen: 0 }
    return { contestant, perSecond: RATE, badge: latencies, ...none, limitedBy } as StepFigures
  })
}

const measured = (steps: readonly StepFigures[], promise: string) =>
  barsOf(steps, [], [RATE]).find((bar) => bar.promise.includes(promise))?.measured

test('a bar names the lowest and the highest round beside the median', () => {
  const steps = [...stepsOf('tally-redis', [6, 10, 4]), ...stepsOf('bare', [1, 2, 4])]
  expect(measured(steps, 'p99 ≤ 8 ms')).toBe('6.0 ms (0.75 of the bar; rounds: 4.0 – 10.0)')
  // Against the one of the same round, not the lowest against the highest of another.
  expect(measured(steps, '1.5 × `bare`')).toBe('3.00 × (rounds: 1.0 – 6.0)')
})

test('a round that proves nothing leaves the others beside those that were measured with them', () => {
  const [bad, ...others] = stepsOf('tally-redis', [90, 10, 4])
  const steps = [
    ...(bad === undefined ? [] : [{ ...bad, limitedBy: 'the generator' }]),
    ...others,
    ...stepsOf('bare', [1, 2, 4]),
  ]
  expect(measured(steps, '1.5 × `bare`')).toBe('3.50 × (rounds: 1.0 – 5.0)')
})

test('a short word on the simple ways says who is faster', () => {
  const said = (simple: readonly number[]) =>
    highlightsOf([...stepsOf('tally-redis', [6]), ...stepsOf('sequential', simple)], [RATE]).join('\n')
  expect(said([2])).toContain(
    'the simple ways are faster than Tally: 99 of 100 badges are there within 2.0 ms',
  )
  expect(said([9])).toContain('Tally is faster than the simple ways')
})
