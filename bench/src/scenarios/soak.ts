import { median } from '../measure/percentiles.ts'
import { progress } from '../report/progress.ts'
import type { Result } from '../report/result.ts'
import { type MixFigures, type MixOracle, MixRun, ratesOf } from './mix-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const SENDS_PER_SECOND = 100
const STEP_SECONDS = 5
const STEPS = 12
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
  // The first third is left out: compilers and caches fill then, in every program.
  const third = Math.max(1, Math.floor(steps.length / 3))
  const mib = (from: number): number =>
    median(steps.slice(from, from + third).map(({ rssBytes }) => rssBytes / MIB))
  const [middle, last] = [mib(third), mib(steps.length - third)]
  const growth = last / middle - 1
  const failed = steps.reduce((sum, step) => sum + step.failed, 0)
  const minutes = steps.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  let elapsed = 0
  return {
    scenario: 'soak',
    title: 'For a long time',
    what: `\`mix\` at ${SENDS_PER_SECOND} messages a second and everything around them, for ${minutes.toFixed(0)} min.`,
    bars: [
      {
        promise: 'memory flat (within 5 % from the second third to the last)',
        measured: `${middle.toFixed(0)} → ${last.toFixed(0)} MiB (${(growth * 100).toFixed(1)} %)`,
        held: growth <= GROWTH_MAX,
      },
      { mustHold: true, promise: 'wrong badges 0', measured: `${oracle.wrong}`, held: oracle.wrong === 0 },
      {
        mustHold: true,
        promise: 'lost 0',
        measured: `${oracle.lost}, refused ${failed}`,
        held: oracle.lost + failed === 0,
      },
    ],
    tables: [],
    plots: [
      {
        kind: 'lines',
        name: 'soak',
        title: 'Memory of the server under a steady load',
        x: { label: 'minutes', isLog: false },
        y: { label: 'MiB', isLog: false },
        series: [
          {
            name: 'RSS',
            points: steps.map(({ seconds, rssBytes }) => {
              elapsed += seconds / 60
              return [elapsed, rssBytes / MIB] as const
            }),
          },
        ],
      },
    ],
    notes: [
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
