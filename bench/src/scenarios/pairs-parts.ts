import { median } from '../measure/percentiles.ts'
import type { Result, Table } from '../report/result.ts'
import { tallyRedis } from '../servers/contestants.ts'
import type { MeasuredParts, Parts } from './message-parts.ts'
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

/** What is shorter is not told apart from nothing. */
const SHORTEST_MS = 0.05

/** Where a message's time goes, and what it would take to be rid of where most of it goes near the ceiling. */
export function partsTables(steps: readonly StepFigures[], rates: readonly number[]): Table[] {
  const all = partsOf(steps, rates)
  if (all.length === 0) return []
  const fastest = all.findLast(({ contestant }) => contestant === tallyRedis.name)
  return [
    {
      caption: 'Where the time of one message goes, on average, in ms',
      head: ['', ...PART_NAMES.map(([, name]) => name)],
      rows: all.map(({ contestant, rate, parts, noise }) => [
        `\`${contestant}\`, ${perSecondText(rate)}`,
        ...PART_NAMES.map(([key]) =>
          isLeftOver(key) ? leftOverText(parts[key], noise) : parts[key].toFixed(2),
        ),
      ]),
    },
    ...(fastest === undefined ? [] : [slowestTable(fastest.parts, `at ${perSecondText(fastest.rate)}`)]),
  ]
}

/** How they were measured, where they were. */
export function partsNotes(steps: readonly StepFigures[], rates: readonly number[]): string[] {
  if (partsOf(steps, rates).length === 0) return []
  return [
    'Where the time goes: edge, commit and ledger are what the server says in the frames of badges, of which one in 23 is read, and the generator measures its own lateness. The fan-out is the mean time of all badges from acceptance to frame, as the server reports it, less those three; the socket is what is left of the whole. Both come from means of different messages: where one of them is no more than it may be off by, the table says “<”, and what one has too much the other has too little.',
  ]
}

/** Nobody measures these: they are what the others leave. */
function isLeftOver(key: keyof Parts): boolean {
  return key === 'fanOut' || key === 'socket'
}

/** @param noise what it may be off by. */
export function leftOverText(ms: number, noise: number): string {
  const least = Math.max(SHORTEST_MS, noise)
  return ms < least ? `< ${least.toFixed(2)}` : ms.toFixed(2)
}

export function partsPlot(steps: readonly StepFigures[], rates: readonly number[]): Result['plots'] {
  const bars = partsOf(steps, rates).map(({ contestant, rate, parts }) => ({
    name: `${contestant}, ${perSecondText(rate)}`,
    values: PART_NAMES.map(([key]) => drawn(parts)[key]),
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

/** No bar is shorter than nothing: what the fan-out is below it the socket has too much. */
function drawn(parts: Parts): Parts {
  const fanOut = Math.max(0, parts.fanOut)
  return { ...parts, fanOut, socket: parts.socket + parts.fanOut - fanOut }
}

type PartsAtRate = { contestant: string; rate: number; parts: Parts; noise: number }

/** Of each that says so, at each rate: medians of the rounds. */
function partsOf(steps: readonly StepFigures[], rates: readonly number[]): PartsAtRate[] {
  return [...new Set(steps.map(({ contestant }) => contestant))].flatMap((contestant) =>
    rates.flatMap((rate) => {
      const own = steps.filter((step) => step.contestant === contestant && step.perSecond === rate)
      const all = own.flatMap(({ parts }): MeasuredParts[] => (parts === undefined ? [] : [parts]))
      if (all.length === 0) return []
      const middle = PART_NAMES.map(([key]) => [key, median(all.map((parts) => parts[key]))])
      const noise = median(all.map((parts) => parts.noise))
      return [{ contestant, rate, parts: Object.fromEntries(middle) as Parts, noise }]
    }),
  )
}

export const perSecondText = (rate: number): string => `${rate.toLocaleString('en-US')}/s`
