import type { Bar, Result } from './result.ts'

export type Verdict = 'held' | 'not held' | 'void' | 'not measured'

/** What became of a promise. A figure nobody measured is no failure, and one that proves nothing is no success. */
export function verdictOf(bar: Bar, { voidBecause }: Pick<Result, 'voidBecause'>): Verdict {
  if (bar.measured.includes('NaN')) return 'not measured'
  if (bar.voidBecause !== undefined || voidBecause.length > 0) return 'void'
  return bar.held ? 'held' : 'not held'
}
