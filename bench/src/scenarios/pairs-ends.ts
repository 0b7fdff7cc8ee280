import { PEERS } from '../../peers/peers.ts'
import { median } from '../measure/percentiles.ts'
import { naiveRedis, sequential } from '../servers/contestants.ts'
import { P99_MAX_MS } from './ceiling-search.ts'
import type { StepFigures } from './pairs-run.ts'

/** The highest rate that each one holds, in messages a second, as far as it was ever measured. */
export type Ends = Readonly<Record<string, number>>

/** Who cannot take the higher rate, where nobody has measured where they end. */
const SLOW: readonly string[] = [sequential, naiveRedis, ...PEERS].map(({ name }) => name)

/** @param figures what `ceiling` measured, if it ever did. @returns medians of its rounds. */
export function endsOf(figures: unknown): Ends {
  const { ceilings = [] } = (figures ?? {}) as { ceilings?: { contestant: string; perSecond: number }[] }
  const byName = Map.groupBy(ceilings, ({ contestant }) => contestant)
  return Object.fromEntries(
    [...byName].map(([name, own]) => [name, median(own.map(({ perSecond }) => perSecond))]),
  )
}

/** Everybody is asked for the first rate; for more only who can take it. */
export function ratesFor(name: string, rates: readonly number[], ends: Ends): number[] {
  const [first = 0, ...higher] = rates
  const end = ends[name] ?? (SLOW.includes(name) ? first : Number.POSITIVE_INFINITY)
  return [first, ...higher.filter((rate) => rate <= end)]
}

/**
 * Whether a rate is more than somebody can take, by what they hold or by what became of it now. Whoever is behind falls
 * further behind for as long as it lasts, so that how long a badge takes says nothing but how long that was.
 */
export function isBeyondEnd(
  own: readonly Pick<StepFigures, 'badge' | 'refused' | 'unanswered' | 'unseen'>[],
  rate: number,
  end = Number.POSITIVE_INFINITY,
): boolean {
  const missing = median(own.map(({ refused, unanswered, unseen }) => refused + unanswered + unseen))
  return rate > end || median(own.map(({ badge }) => badge.p99)) > P99_MAX_MS || missing > 0
}
