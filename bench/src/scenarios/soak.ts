import { median } from '../measure/percentiles.ts'
import type { LinePlot } from '../report/line-plot.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import { type MixFigures, type MixOracle, MixRun, P99_MAX_MS, ratesOf, tooSlow } from './mix-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const SENDS_PER_SECOND = 100
const STEP_SECONDS = 5
const STEPS = 12
/** Of the table. */
const ROWS = 10
const MIB = 2 ** 20
const GROWTH_MAX = 0.05
/** What is promised is promised for so long. */
const LONG_MINUTES = 30

export const soak: Scenario = {
  name: 'soak',
  about:
    '`mix` at a steady rate: memory, wrong badges, lost messages (one minute; --scale 30: half an hour, 480: 8 h)',
  expectedSeconds: { once: 99, perRound: 0 },
  run,
}

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const rates = ratesOf(isShort ? 5 : SENDS_PER_SECOND)
  const { result, oracle } = await MixRun.lend(surroundings, async (run) => {
    const steps: MixFigures[] = []
    const count = isShort ? 3 : Math.round(STEPS * scale)
    for (let index = 1; index <= count; index += 1) {
      const step = await run.step(rates, isShort ? 0.3 : STEP_SECONDS)
      steps.push(step)
      if (index % 12 === 0 || isShort) {
        progress(
          `soak ${index} of ${count}: ${(step.rssBytes / MIB).toFixed(0)} MiB, p99 ${step.badge.p99.toFixed(0)} ms`,
        )
      }
    }
    return steps
  })
  return resultOf(result, oracle)
}

function resultOf(steps: readonly MixFigures[], oracle: MixOracle): Result {
  const minutes = steps.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  const slow = steps.filter((step) => tooSlow(step).some(({ what }) => what === 'badge')).length
  const slowAtAll = steps.filter((step) => tooSlow(step).length > 0).length
  return {
    scenario: 'soak',
    title: 'For a long time',
    what: `\`mix\` at ${SENDS_PER_SECOND} messages a second and everything around them, for ${minutes.toFixed(0)} min, looked at in windows of ${STEP_SECONDS} s.`,
    bars: barsOf(steps, oracle),
    tables: [tableOf(steps)],
    plots: plotsOf(steps),
    notes: [
      `Badges took more than ${P99_MAX_MS} ms (p99) in ${slow} of ${steps.length} windows; anything that people do in ${slowAtAll}.`,
      ...(minutes < LONG_MINUTES
        ? [
            'A minute shows a leak only if it is large: `npm run bench -- soak --scale 30 --report` takes half an hour.',
          ]
        : []),
      '`npm run bench -- soak --scale 480 --report` takes eight hours.',
    ],
    voidBecause:
      minutes < LONG_MINUTES
        ? [`${minutes.toFixed(0)} min are not long: what is promised is half an hour`]
        : [],
    figures: { steps, oracle },
  }
}

export function barsOf(steps: readonly MixFigures[], oracle: MixOracle): Bar[] {
  // The first third is left out: compilers and caches fill then, in every program.
  const third = Math.max(1, Math.floor(steps.length / 3))
  const [middle, last] = [third, steps.length - third].map((from) =>
    median(steps.slice(from, from + third).map(mibOf)),
  ) as [number, number]
  const growth = last / middle - 1
  const sum = (of: (step: MixFigures) => number): number => steps.reduce((total, step) => total + of(step), 0)
  const [failed, unseen] = [sum((step) => step.failed), sum((step) => step.unseen)]
  return [
    {
      promise: 'memory flat (the bench’s own tolerance: within 5 % from the second third to the last)',
      measured: `${middle.toFixed(0)} → ${last.toFixed(0)} MiB (${(growth * 100).toFixed(1)} %)`,
      held: growth <= GROWTH_MAX,
    },
    { mustHold: true, promise: 'wrong badges 0', measured: `${oracle.wrong}`, held: oracle.wrong === 0 },
    { mustHold: true, promise: 'lost 0', measured: `${oracle.lost}`, held: oracle.lost === 0 },
    {
      mustHold: true,
      promise: 'everything that people do is answered, every badge is seen',
      measured: `${failed} refused or unanswered, ${unseen} unseen`,
      held: failed + unseen === 0,
    },
  ]
}

const mibOf = ({ rssBytes }: MixFigures): number => rssBytes / MIB

/** Window by window would be hundreds of rows: a tenth of the time each. */
function tableOf(steps: readonly MixFigures[]): Table {
  const size = Math.ceil(steps.length / ROWS)
  const parts = Array.from({ length: Math.ceil(steps.length / size) }, (_, index) =>
    steps.slice(index * size, (index + 1) * size),
  )
  const ends = minutesOf(steps)
  return {
    caption: 'Over the time: medians of the windows, and the worst of them',
    head: [
      ...['until minute', 'badge p50', 'badge p99', 'p99, worst window'],
      ...[`windows with a badge p99 above ${P99_MAX_MS} ms`, 'event loop busy', 'memory'],
    ],
    rows: parts.map((part, index) => {
      const of = (pick: (step: MixFigures) => number): number => median(part.map(pick))
      const p99s = part.map(({ badge }) => badge.p99)
      return [
        (ends[index * size + part.length - 1] ?? 0).toFixed(1),
        `${of(({ badge }) => badge.p50).toFixed(1)} ms`,
        `${of(({ badge }) => badge.p99).toFixed(1)} ms`,
        `${Math.max(...p99s).toFixed(1)} ms`,
        `${p99s.filter((p99) => p99 > P99_MAX_MS).length} of ${part.length}`,
        of(({ loopShare }) => loopShare).toFixed(2),
        `${of(mibOf).toFixed(0)} MiB`,
      ]
    }),
  }
}

/** When each window ended. */
function minutesOf(steps: readonly MixFigures[]): number[] {
  let elapsed = 0
  return steps.map(({ seconds }) => {
    elapsed += seconds / 60
    return elapsed
  })
}

function plotsOf(steps: readonly MixFigures[]): LinePlot[] {
  const ends = minutesOf(steps)
  const seriesOf = (name: string, of: (step: MixFigures) => number): LinePlot['series'][number] => ({
    name,
    points: steps.map((step, index) => [ends[index] ?? 0, of(step)] as const),
  })
  const x = { label: 'minutes', isLog: false }
  return [
    {
      ...{ kind: 'lines', name: 'soak-badge', title: 'Badge latency under a steady load', x },
      y: { label: 'ms', isLog: false },
      series: [seriesOf('p50', ({ badge }) => badge.p50), seriesOf('p99', ({ badge }) => badge.p99)],
      levels: [{ name: `${P99_MAX_MS} ms`, y: P99_MAX_MS }],
    },
    {
      ...{ kind: 'lines', name: 'soak', title: 'Memory of the server under a steady load', x },
      y: { label: 'MiB', isLog: false },
      series: [seriesOf('RSS', mibOf)],
    },
  ]
}
