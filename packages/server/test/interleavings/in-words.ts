import type { Failure } from '../../test-support/interleaving-trials.ts'

/** A schedule that went wrong, step by step, and what was wrong at its end. */
export function inWords({ schedule, faults }: Failure): string {
  const steps = schedule.map(({ side, place, waited }) => `  ${side}  ${place}${waited ? ' (waits)' : ''}`)
  return [...steps, ...faults].join('\n')
}
