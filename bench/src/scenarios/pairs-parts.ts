import { median } from '../measure/percentiles.ts'
import type { Result, Table } from '../report/result.ts'
import { tallyRedis } from '../servers/contestants.ts'
import type { Parts } from './message-parts.ts'
import type { StepFigures } from './pairs-run.ts'
import { slowestTable } from './slowest-parts.ts'

const PART_NAMES: readonly [keyof Parts, string][] = [
  ['generator', 'generator'],
  ['edge', 'edge'],
  ['commit', 'commit'],
  ['ledger', 'ledger'],
  ['fanOut', 'fan-out'],
  ['socket', 'socket'],
]

/** Where a message's time goes, and what it would take to be rid of where most of it goes near the ceiling. */
export function partsTables(steps: readonly StepFigures[], rates: readonly number[]): Table[] {
  const all = partsOf(steps, rates)
  if (all.length === 0) return []
  const fastest = all.findLast(({ contestant }) => contestant === tallyRedis.name)
  return [
    {
      caption: 'Where the time of one message goes, on average, in ms',
      head: ['', ...PART_NAMES.map(([, name]) => name)],
      rows: all.map(({ contestant, rate, parts }) => [
        `\`${contestant}\`, ${perSecondText(rate)}`,
        ...PART_NAMES.map(([key]) => parts[key].toFixed(2)),
      ]),
    },
    ...(fastest === undefined ? [] : [slowestTable(fastest.parts, `at ${perSecondText(fastest.rate)}`)]),
  ]
}

export function partsPlot(steps: readonly StepFigures[], rates: readonly number[]): Result['plots'] {
  const bars = partsOf(steps, rates).map(({ contestant, rate, parts }) => ({
    name: `${contestant}, ${perSecondText(rate)}`,
    values: PART_NAMES.map(([key]) => parts[key]),
  }))
  if (bars.length === 0) return []
  return [
    {
      ...{ kind: 'stack', name: 'message-parts', label: 'ms', isOfShares: true, bars },
      title: 'Where the time of one message goes, on average',
      parts: PART_NAMES.map(([, name]) => name),
    },
  ]
}

type PartsAtRate = { contestant: string; rate: number; parts: Parts }

/** Of each that says so, at each rate: medians of the rounds. */
function partsOf(steps: readonly StepFigures[], rates: readonly number[]): PartsAtRate[] {
  return [...new Set(steps.map(({ contestant }) => contestant))].flatMap((contestant) =>
    rates.flatMap((rate) => {
      const own = steps.filter((step) => step.contestant === contestant && step.perSecond === rate)
      const all = own.flatMap(({ parts }) => parts ?? [])
      if (all.length === 0) return []
      const middle = PART_NAMES.map(([key]) => [key, median(all.map((parts) => parts[key]))])
      return [{ contestant, rate, parts: Object.fromEntries(middle) as Parts }]
    }),
  )
}

export const perSecondText = (rate: number): string => `${rate.toLocaleString('en-US')}/s`
