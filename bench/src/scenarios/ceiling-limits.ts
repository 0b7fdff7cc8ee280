import { type AtWork, bottleneckOf } from '../measure/bottleneck.ts'
import { median, spread } from '../measure/percentiles.ts'
import type { Table } from '../report/result.ts'
import type { Contestant } from '../servers/contestants.ts'
import { isHeld } from './ceiling-search.ts'
import type { StepFigures } from './pairs-run.ts'

/** The highest rate one contestant held in one round. */
export type Ceiling = { contestant: string; perSecond: number }

/** Who was at work when each one came to its end, and which of them was at theirs. */
export function limitTable(
  { steps, ceilings }: { steps: readonly StepFigures[]; ceilings: readonly Ceiling[] },
  contestants: readonly Contestant[],
  cores: number,
): Table {
  return {
    caption:
      'What each one was limited by: at the lowest rate above its ceiling (the median of the rounds) that was not held, medians of the rounds in which that was so, in cores',
    head: [
      ...['', 'messages/s', 'rounds', 'badge p99', 'p99, lowest and highest'],
      ...['server', 'database', 'Redis', 'generator', `machine, of ${cores}`, 'limited by'],
    ],
    rows: contestants.flatMap((contestant) => {
      const isOwn = (one: { contestant: string }): boolean => one.contestant === contestant.name
      const found = ceilings.filter(isOwn).map(({ perSecond }) => perSecond)
      const own = lowestFailed(steps.filter(isOwn), median(found))
      if (own.length === 0) return []
      const of = (pick: (step: StepFigures) => number): number => median(own.map(pick))
      const used = atWork(of, contestant, cores)
      const limitedBy = own.find((step) => step.limitedBy !== undefined)?.limitedBy
      return [
        [
          `\`${contestant.name}\``,
          of(({ perSecond }) => perSecond).toLocaleString('en-US'),
          `${own.length} of ${found.length}`,
          `${of(({ badge }) => badge.p99).toFixed(0)} ms`,
          spread(own.map(({ badge }) => badge.p99)),
          used.serverShare.toFixed(2),
          used.databaseShare.toFixed(2),
          used.redisShare.toFixed(2),
          used.generatorShare.toFixed(2),
          used.machineShare.toFixed(2),
          limitedBy ?? bottleneckOf(used),
        ],
      ]
    }),
  }
}

/**
 * Of one contestant, in all rounds in which it was not held at the lowest rate above its ceiling; where every rate was
 * held, the highest one.
 */
export function lowestFailed(steps: readonly StepFigures[], ceiling: number): StepFigures[] {
  const ratesOf = (some: readonly StepFigures[]): number[] => some.map(({ perSecond }) => perSecond)
  const above = steps.filter((step) => !isHeld(step) && step.perSecond > ceiling)
  if (above.length === 0) {
    const held = steps.filter(isHeld)
    return held.filter(({ perSecond }) => perSecond === Math.max(...ratesOf(held)))
  }
  return above.filter(({ perSecond }) => perSecond === Math.min(...ratesOf(above)))
}

function atWork(
  of: (pick: (step: StepFigures) => number) => number,
  { isParallel = false, nodes = 1 }: Contestant,
  cores: number,
): AtWork {
  return {
    serverShare: of(({ serverShare }) => serverShare),
    serverCount: nodes,
    isServerParallel: isParallel,
    databaseShare: of(({ databaseShare }) => databaseShare),
    redisShare: of(({ redisShare }) => redisShare),
    generatorShare: of(({ generatorShare }) => generatorShare),
    machineShare: of(({ machineShare }) => machineShare),
    stolenShare: of(({ stolenShare }) => stolenShare),
    cores,
  }
}
