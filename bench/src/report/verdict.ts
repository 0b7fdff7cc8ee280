import type { Bar, Result } from './result.ts'

export type Verdict = 'held' | 'not held' | 'reached' | 'not reached' | 'void' | 'not measured'

type Judged = Pick<Result, 'bars' | 'voidBecause'>

/**
 * What became of a promise. A figure nobody measured is no failure, and one that proves nothing is no success; but what was
 * found wrong is wrong, however slow the machine or short the run.
 */
export function verdictOf(bar: Bar, { voidBecause }: Pick<Result, 'voidBecause'>): Verdict {
  if (isBrokenPromise(bar)) return 'not held'
  if (bar.measured.includes('NaN')) return 'not measured'
  if (bar.voidBecause !== undefined || voidBecause.length > 0) return 'void'
  if (bar.isAim === true) return bar.held ? 'reached' : 'not reached'
  return bar.held ? 'held' : 'not held'
}

/** Whether something was wrong or lost. */
export function hasWrong({ bars }: Pick<Result, 'bars'>): boolean {
  return bars.some(isBrokenPromise)
}

/**
 * Whether the command fails because of this: of a short run only where something is wrong, of others also where a bar is
 * not held and where nothing is proven about speed.
 */
export function isFailed(result: Judged, { isShort }: { isShort: boolean }): boolean {
  if (hasWrong(result)) return true
  return !isShort && (isNothingProven(result) || verdictsOf(result, result.bars).includes('not held'))
}

/** Void as a whole, or in each of its bars that are about speed and were measured. */
function isNothingProven(result: Judged): boolean {
  if (result.voidBecause.length > 0) return true
  const speed = verdictsOf(
    result,
    result.bars.filter(({ mustHold = false, isAim = false }) => !mustHold && !isAim),
  ).filter((verdict) => verdict !== 'not measured')
  return speed.length > 0 && speed.every((verdict) => verdict === 'void')
}

function verdictsOf(result: Judged, bars: readonly Bar[]): Verdict[] {
  return bars.map((bar) => verdictOf(bar, result))
}

function isBrokenPromise({ mustHold = false, held }: Bar): boolean {
  return mustHold && !held
}
