import { ejabberd } from '../../peers/ejabberd.ts'
import { prosody } from '../../peers/prosody.ts'
import { highestHeld } from '../measure/highest-held.ts'
import { progress } from '../report/progress.ts'
import {
  bare,
  naiveRedis,
  nothing,
  sequential,
  singleCte,
  tallyEmbedded,
  tallyPostgres,
  tallyRedis,
  tallyTwoNodes,
} from '../servers/contestants.ts'
import type { PairsRun, StepFigures } from './pairs-run.ts'
import type { RunOptions } from './scenario.ts'

/** Above this a rate is no longer held. */
export const P99_MAX_MS = 100
/** So late that no checkpoint in the middle of a step explains it: not worth a second try. */
const HOPELESS_MS = 500
const RATES = [
  250, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000, 11_000,
  12_000, 15_000, 18_000, 21_000, 25_000, 30_000, 36_000, 43_000, 50_000,
]
/** Where the first round begins, near where others ended before: elsewhere at 2,000. */
const FIRST_GUESSES = new Map([
  [nothing.name, 30_000],
  [bare.name, 25_000],
  [tallyRedis.name, 8_000],
  [tallyTwoNodes.name, 4_000],
  [tallyPostgres.name, 10_000],
  [tallyEmbedded.name, 5_000],
  [singleCte.name, 6_000],
  [sequential.name, 3_000],
  [naiveRedis.name, 4_000],
  [ejabberd.name, 2_500],
  [prosody.name, 500],
])

export type Search = { steps: StepFigures[]; heldPerSecond: number }

/**
 * The highest rate that is held. A step that is not held is tried once more, unless it is hopeless: a checkpoint in its
 * middle is not the end.
 * @param before what was held in the round before.
 */
export async function searchCeiling(
  run: PairsRun,
  {
    name,
    before,
    isShort,
    scale,
  }: Pick<RunOptions, 'isShort' | 'scale'> & { name: string; before: number | undefined },
): Promise<Search> {
  const rates = isShort ? [50, 100] : RATES
  const guess = Math.max(0, rates.indexOf(before ?? FIRST_GUESSES.get(name) ?? 2_000))
  const steps: StepFigures[] = []
  // The compiler has seen the code, and the database its tables, before anything counts.
  await run.step({
    perSecond: rates[Math.max(0, guess - 1)] ?? 0,
    warmUpSeconds: 0,
    seconds: isShort ? 0.2 : 4 * scale,
  })
  const held = await highestHeld({ count: rates.length, guess }, async (index) => {
    const perSecond = rates[index] ?? 0
    const step = { perSecond, warmUpSeconds: isShort ? 0.1 : 0.5, seconds: isShort ? 0.3 : 2 * scale }
    const tried = await run.step(step)
    const isFinal = isHeld(tried) || tried.badge.p99 > HOPELESS_MS
    const figures = isFinal ? tried : await run.step(step)
    const why = figures.limitedBy === undefined ? '' : `, ${figures.limitedBy}`
    progress(`  ${name} at ${perSecond}/s: p99 ${figures.badge.p99.toFixed(0)} ms${why}`)
    steps.push(figures)
    return isHeld(figures)
  })
  return { steps, heldPerSecond: rates[held] ?? 0 }
}

/** Whether a contestant took a rate as `ceiling` wants it. */
export function isHeld({ badge, refused, unanswered, unseen, limitedBy }: StepFigures): boolean {
  return badge.p99 <= P99_MAX_MS && refused + unanswered + unseen === 0 && limitedBy === undefined
}
