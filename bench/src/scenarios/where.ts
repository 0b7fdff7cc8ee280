import { inspectable, type ProcessorProfile, Profiler } from '../measure/processor-profile.ts'
import {
  layerOfFrame,
  layersOf,
  SERVER_LAYERS,
  type ServerLayer,
  stacksOf,
} from '../measure/profile-layers.ts'
import type { Flame } from '../report/flame-plot.ts'
import { progress } from '../report/progress.ts'
import type { Plot, Result } from '../report/result.ts'
import { freePort } from '../servers/child-server.ts'
import { tallyRedis } from '../servers/contestants.ts'
import { endsOf } from './pairs-ends.ts'
import { type OracleFigures, PairsRun, type StepFigures } from './pairs-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'
import { type CostlyPart, WHAT_IT_WOULD_TAKE } from './what-it-would-take.ts'

const LOW_RATE = 1_000
/** The ceiling, if `ceiling` never ran. */
const FULL_RATE = 6_000
/** Below that the profiler's own work would be what is too much. */
const PROFILED_SHARE = 0.8

export const where: Scenario = {
  name: 'where',
  about: 'where the processor time of one message goes, at low and at full load',
  expectedSeconds: { once: 35, perRound: 0 },
  run,
}

const PARTS: readonly CostlyPart[] = [...SERVER_LAYERS, 'database', 'Redis']
const SLOWEST = 3

type Load = {
  name: string
  step: StepFigures
  /** µs of processor time a message, by part; the generator's own is not among them. */
  usPerMessage: Record<CostlyPart, number>
  profile: ProcessorProfile
}

async function run({ storages, options, figuresOf }: Surroundings): Promise<Result> {
  const loads: Load[] = []
  const oracles: OracleFigures[] = []
  const rates = options.isShort ? [50, 100] : [LOW_RATE, fullRate(figuresOf('ceiling'))]
  for (const [index, perSecond] of rates.entries()) {
    const name = `${index === 0 ? 'low load' : '80 % of the ceiling'}, ${perSecond.toLocaleString('en-US')}/s`
    progress(`where: ${name}`)
    await storages.lend(async (storage) => {
      const port = await freePort()
      const run = await PairsRun.open({
        ...{ contestant: tallyRedis, storages, storage, generatorCount: 1 },
        pairCount: options.isShort ? 20 : 500,
        settings: inspectable(port),
      })
      const seconds = options.isShort ? 0.5 : 5 * options.scale
      await run.step({ perSecond, warmUpSeconds: seconds, seconds: seconds / 5 })
      const profiler = await Profiler.attach(port)
      await profiler.start()
      const step = await run.step({ perSecond, warmUpSeconds: 0, seconds })
      const profile = await profiler.stop()
      profiler.close()
      loads.push({ name, step, profile, usPerMessage: partsOf(step, profile) })
      oracles.push(await run.finish())
    })
  }
  return resultOf(loads, oracles)
}

function fullRate(figures: unknown): number {
  return Math.round((endsOf(figures)[tallyRedis.name] ?? FULL_RATE) * PROFILED_SHARE)
}

/** The profile says how the server's time is shared out; how much there is of it the kernel knows. */
function partsOf(step: StepFigures, profile: ProcessorProfile): Record<CostlyPart, number> {
  const layers = layersOf(profile)
  const looked = Object.values(layers).reduce((sum, us) => sum + us, 0)
  const usOf = (share: number): number => (share * 1e6) / step.acknowledgedPerSecond
  const server = Object.fromEntries(
    SERVER_LAYERS.map((layer) => [layer, (usOf(step.serverShare) * layers[layer]) / looked]),
  ) as Record<ServerLayer, number>
  return {
    ...server,
    database: usOf(step.databaseShare),
    Redis: usOf(step.redisShare),
  }
}

function resultOf(loads: readonly Load[], oracles: readonly OracleFigures[]): Result {
  const wrong = oracles.reduce((sum, oracle) => sum + oracle.wrong + oracle.lost, 0)
  const of = (load: Load | undefined, part: CostlyPart): number => load?.usPerMessage[part] ?? Number.NaN
  const total = (load: Load | undefined): number => PARTS.reduce((sum, part) => sum + of(load, part), 0)
  const full = loads.at(-1)
  const slowest = PARTS.toSorted((one, other) => of(full, other) - of(full, one)).slice(0, SLOWEST)
  return {
    scenario: 'where',
    title: 'Where the processor time of one message goes',
    what:
      '1,000 people in 500 rooms on PostgreSQL and Redis, the server watched by V8’s profiler while the load runs. One message is an ' +
      'acknowledgement and a row for its sender, and a row and a total for the other one. What the profiler itself takes is in the figures.',
    bars: [
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: [
      {
        caption: 'µs of processor time a message, the profiler’s own included',
        head: ['', ...loads.map(({ name }) => name)],
        rows: [
          ...PARTS.map((part) => [part, ...loads.map(({ usPerMessage }) => usPerMessage[part].toFixed(1))]),
          ['all of it', ...loads.map((load) => total(load).toFixed(0))],
          [
            'badge p50 / p99, ms',
            ...loads.map(({ step: { badge } }) => `${badge.p50.toFixed(1)} / ${badge.p99.toFixed(1)}`),
          ],
        ],
      },
      {
        caption: 'The three that cost most near the ceiling, and what being rid of them would cost',
        head: ['', 'µs a message, profiler included', 'of the whole', ''],
        rows: slowest.map((part) => [
          part,
          of(full, part).toFixed(1),
          `${((100 * of(full, part)) / total(full)).toFixed(0)} %`,
          WHAT_IT_WOULD_TAKE[part],
        ]),
      },
    ],
    highlights: [
      `A message costs ${total(loads[0]).toFixed(0)} µs of processor time at low load and ${total(full).toFixed(0)} near the ceiling, on all sides together and with the profiler that watched it; most of it are ${slowest.map((part) => `${part} (${of(full, part).toFixed(0)} µs)`).join(', ')}.`,
    ],
    plots: [
      {
        kind: 'stack',
        name: 'where',
        title: 'Processor time of one message',
        label: 'µs, profiler included',
        isOfShares: true,
        parts: [...PARTS],
        bars: loads.map(({ name, usPerMessage }) => ({
          name,
          values: PARTS.map((part) => usPerMessage[part]),
        })),
      },
      ...loads.map(({ name, profile }, index): Plot => flamePlotOf(profile, { name, index })),
    ],
    notes: [],
    voidBecause: loads.flatMap(({ name, step: { limitedBy } }) =>
      limitedBy === undefined ? [] : [`${name}: ${limitedBy}`],
    ),
    figures: { loads: loads.map(({ profile: _, ...load }) => load), oracles },
  }
}

function flamePlotOf(profile: ProcessorProfile, { name, index }: { name: string; index: number }): Plot {
  const root: Flame = { name: 'server', group: 'runtime', value: 0, children: [] }
  for (const { stack, us } of stacksOf(profile)) {
    if (stack.at(-1)?.functionName === '(idle)') continue
    let at = root
    at.value += us
    for (const frame of stack) {
      const label =
        frame.functionName === '' ? `(${fileOf(frame.url)}:${frame.lineNumber + 1})` : frame.functionName
      let next = at.children.find((child) => child.name === label)
      if (next === undefined) {
        next = { name: label, group: layerOfFrame(frame) ?? at.group, value: 0, children: [] }
        at.children.push(next)
      }
      next.value += us
      at = next
    }
  }
  return {
    kind: 'flame',
    name: `flame-${index === 0 ? 'low' : 'full'}`,
    title: `What the server does with a message: ${name}`,
    label: 'all the processor time of the server',
    groups: [...SERVER_LAYERS],
    root,
  }
}

function fileOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}
