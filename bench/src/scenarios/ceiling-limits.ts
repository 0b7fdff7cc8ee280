import { type AtWork, bottleneckOf } from '../measure/bottleneck.ts'
import { median, spread } from '../measure/percentiles.ts'
import type { Table } from '../report/result.ts'
import type { Contestant } from '../servers/contestants.ts'
import { isHeld } from './ceiling-search.ts'
import type { StepFigures } from './pairs-run.ts'

/** Who was at work when each one came to its end, and which of them was at theirs. */
export function limitTable(
  steps: readonly StepFigures[],
  contestants: readonly Contestant[],
  cores: number,
): Table {
  return {
    caption:
      'What each one was limited by: at the lowest rate that was not held above the median, medians of the rounds, in cores',
    head: [
      ...['', 'messages/s', 'badge p99', 'p99, lowest and highest'],
      ...['server', 'database', 'Redis', 'generator', `machine, of ${cores}`, 'limited by'],
    ],
    rows: contestants.flatMap((contestant) => {
      const own = lowestFailed(steps.filter((step) => step.contestant === contestant.name))
      if (own.length === 0) return []
      const of = (pick: (step: StepFigures) => number): number => median(own.map(pick))
      const used = atWork(of, contestant, cores)
      const limitedBy = own.find((step) => step.limitedBy !== undefined)?.limitedBy
      return [
        [
          `\`${contestant.name}\``,
          of(({ perSecond }) => perSecond).toLocaleString('en-US'),
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

/** Of one contestant, in all rounds in which that rate was tried; where every rate was held, the highest one. */
function lowestFailed(steps: readonly StepFigures[]): StepFigures[] {
  const held = steps.filter(isHeld).map(({ perSecond }) => perSecond)
  const failed = steps.filter((step) => !isHeld(step)).map(({ perSecond }) => perSecond)
  const above = failed.filter((rate) => rate >= median(held) || held.length === 0)
  const rate = above.length > 0 ? Math.min(...above) : Math.max(...held)
  const isIt = above.length > 0 ? (step: StepFigures) => !isHeld(step) : isHeld
  return steps.filter((step) => step.perSecond === rate && isIt(step))
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
