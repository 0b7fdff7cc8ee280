import { median, spread } from '../measure/percentiles.ts'
import type { StepFigures } from './pairs-run.ts'

/** What one contestant did at one rate. */
export type At = { contestant: string; rate: number }

/** The middle of the rounds. */
export function middle(
  steps: readonly StepFigures[],
  { contestant, rate }: At,
  of: (step: StepFigures) => number,
): number {
  return median(stepsAt(steps, { contestant, rate }).map(of))
}

/** The lowest and the highest of the rounds. */
export function spreadAt(steps: readonly StepFigures[], at: At, of: (step: StepFigures) => number): string {
  return spread(stepsAt(steps, at).map(of))
}

/** Round by round. */
export function stepsAt(steps: readonly StepFigures[], { contestant, rate }: At): StepFigures[] {
  return steps.filter((step) => step.contestant === contestant && step.perSecond === rate)
}

/** A round that its generator limited says nothing about the contestant. */
export function isLimited({ limitedBy }: StepFigures): boolean {
  return limitedBy !== undefined
}

export const p50 = ({ badge }: StepFigures): number => badge.p50
export const p99 = ({ badge }: StepFigures): number => badge.p99

export const ms = (value: number): string =>
  Number.isNaN(value) ? '–' : `${value.toFixed(value < 100 ? 1 : 0)} ms`
