import { spread } from '../measure/percentiles.ts'
import type { Bar } from '../report/result.ts'
import { bare, tallyRedis } from '../servers/contestants.ts'
import { isLimited, middle, ms, p50, p99, spreadAt, stepsAt } from './pairs-middle.ts'
import { perSecondText } from './pairs-parts.ts'
import type { OracleFigures, StepFigures } from './pairs-run.ts'

/** @param all with the rounds that prove nothing: they keep the places of those that do. */
export function barsOf(
  all: readonly StepFigures[],
  oracles: readonly OracleFigures[],
  rates: readonly number[],
): Bar[] {
  const steps = all.filter((step) => !isLimited(step))
  const below = (
    promise: string,
    { rate, of, bar }: { rate: number; of: (step: StepFigures) => number; bar: number },
  ): Bar => {
    const at = { contestant: tallyRedis.name, rate }
    const value = middle(steps, at, of)
    return {
      promise,
      measured: `${ms(value)} (${(value / bar).toFixed(2)} of the bar; rounds: ${spreadAt(steps, at, of)})`,
      held: value <= bar,
    }
  }
  return [
    below('PostgreSQL + Redis at 1,000/s: badge p50 ≤ 2 ms', { rate: 1_000, of: p50, bar: 2 }),
    below('PostgreSQL + Redis at 1,000/s: badge p99 ≤ 8 ms', { rate: 1_000, of: p99, bar: 8 }),
    { ...below('aim: badge p99 ≤ 4.5 ms at 1,000/s', { rate: 1_000, of: p99, bar: 4.5 }), isAim: true },
    below('PostgreSQL + Redis at 6,000/s: badge p99 ≤ 25 ms', { rate: 6_000, of: p99, bar: 25 }),
    ...rates.map((rate) => ratioBar(all, rate)),
    ...rightBars(steps, oracles),
  ].filter(({ measured }) => !measured.includes('NaN'))
}

/** The medians of both against each other; beside it those of each round, in which both were measured one after the other. */
function ratioBar(all: readonly StepFigures[], rate: number): Bar {
  const [ours, theirs] = [tallyRedis, bare].map(({ name }) => stepsAt(all, { contestant: name, rate }))
  const ratios = (ours ?? []).flatMap((own, round) => {
    const other = theirs?.[round]
    return other === undefined || isLimited(own) || isLimited(other) ? [] : [p99(own) / p99(other)]
  })
  const steps = all.filter((step) => !isLimited(step))
  const at = (contestant: string): number => middle(steps, { contestant, rate }, p99)
  const ratio = at(tallyRedis.name) / at(bare.name)
  return {
    promise: `at ${perSecondText(rate)} badge p99 ≤ 1.5 × \`bare\``,
    measured: `${ratio.toFixed(2)} ×${ratios.length === 0 ? '' : ` (rounds: ${spread(ratios)})`}`,
    held: ratio <= 1.5,
  }
}

/** Of all rounds together: one that is wrong in any of them is one too many. */
function rightBars(steps: readonly StepFigures[], oracles: readonly OracleFigures[]): Bar[] {
  const faults = oracles.filter(({ contestant }) => contestant.startsWith('tally'))
  const wrong = faults.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  const missing = steps
    .filter(({ contestant }) => contestant.startsWith('tally'))
    .reduce((sum, { refused, unanswered, unseen }) => sum + refused + unanswered + unseen, 0)
  return [
    {
      mustHold: true,
      promise: 'no badge of Tally wrong, no message lost',
      measured: `${wrong} in all rounds together`,
      held: wrong === 0,
    },
    {
      mustHold: true,
      promise: 'Tally answers and shows every message: percentiles are of all of them',
      measured: `${missing} are missing in all rounds together`,
      held: missing === 0,
    },
  ]
}
