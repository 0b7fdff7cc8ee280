import { MIX_ACTIONS, type MixAction } from '../load/mix-load.ts'
import { limitedSteps } from '../measure/generator-limit.ts'
import type { WindowFigures } from '../measure/window.ts'
import { progress } from '../report/progress.ts'
import type { Bar, Result, Table } from '../report/result.ts'
import {
  heldBefore,
  isHeld,
  type MixFigures,
  type MixOracle,
  MixRun,
  P99_MAX_MS,
  PER_SEND,
  ratesOf,
  TIMED,
  timesOf,
  tooSlow,
} from './mix-run.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const SENDS = [50, 100, 150, 200, 225, 250, 275, 300, 325, 350, 375, 400, 425, 450, 475, 500, 600, 800, 1_000]
const BUSY = 0.95
const KIB = 1_024
/** Each action alone, so that what it costs can be told. */
const ALONE: Record<MixAction, number> = {
  send: 300,
  switch: 300,
  scroll: 300,
  check: 1_000,
  mark: 300,
  reconnect: 50,
}

export const mix: Scenario = {
  name: 'mix',
  about: 'people as they are: 6.5 room switches, 2 scrolls, 1 unread check for each message; what each costs',
  expectedSeconds: { once: 100, perRound: 0 },
  run,
}

/** The mix at rising rates, and each action alone. */
export type MixMeasured = {
  rest: WindowFigures
  alone: Partial<Record<MixAction, MixFigures>>
  steps: MixFigures[]
  /** Of Redis, with ten rooms each and everything that is kept for them. */
  redisBytesPerPerson: number
}

async function run(surroundings: Surroundings): Promise<Result> {
  const { isShort, scale } = surroundings.options
  const { result, oracle } = await MixRun.lend(surroundings, async (run): Promise<MixMeasured> => {
    const steps: MixFigures[] = []
    const redisBytesPerPerson = await run.redisBytesPerPerson()
    for (const sends of isShort ? [5, 10] : SENDS) {
      const measure = (): Promise<MixFigures> => run.step(ratesOf(sends), isShort ? 0.5 : 3 * scale)
      const tried = await measure()
      // A checkpoint in the middle of a step is not the end.
      const step = isHeld(tried) ? tried : await measure()
      steps.push(step)
      progress(
        `mix ${sends} sends/s: badge p99 ${step.badge.p99.toFixed(0)} ms${isHeld(step) ? '' : ` (${endOf(step)})`}, event loop ${step.loopShare.toFixed(2)}, server ${step.serverShare.toFixed(2)}, generator ${step.processorShare.toFixed(2)}, failed ${step.failed}, unseen ${step.unseen}`,
      )
      if (!isHeld(step)) break
    }
    const rest = await run.rest(isShort ? 0.2 : 3)
    const alone: MixMeasured['alone'] = {}
    for (const action of MIX_ACTIONS) {
      alone[action] = await run.step({ [action]: isShort ? 10 : ALONE[action] }, isShort ? 0.3 : 3 * scale)
    }
    return { rest, alone, steps, redisBytesPerPerson }
  })
  return resultOf(result, oracle)
}

/** Processor time of one action, in ms: what was used above rest. */
export function costOf(
  { alone, rest }: Pick<MixMeasured, 'alone' | 'rest'>,
  action: MixAction,
  key: 'serverShare' | 'databaseShare' | 'redisShare',
): number {
  const figures = alone[action]
  if (figures === undefined) return Number.NaN
  const count = figures.took[action]?.count ?? Number.NaN
  return Math.max(0, ((figures[key] - rest[key]) * figures.seconds * 1_000) / count)
}

function resultOf(mix: MixMeasured, oracle: MixOracle): Result {
  const { steps } = mix
  const wrong = oracle.wrong + oracle.lost
  return {
    scenario: 'mix',
    title: 'People as they are',
    what:
      'For each message: 6.5 times somebody opens another room, 2 pages of history, 1 unread check, 0.3 rooms marked as read, 0.14 reconnects. ' +
      '500 people with ten rooms of five. A badge counts when a row counts the message, the message is shown, or its room is opened.',
    bars: [
      busyBar(steps),
      { mustHold: true, promise: 'no badge wrong, no message lost', measured: `${wrong}`, held: wrong === 0 },
    ],
    tables: tablesOf(mix),
    plots: [
      {
        kind: 'stack',
        name: 'mix-costs',
        title: 'Where the processor time around one message goes',
        label: 'ms of processor time per message sent',
        parts: [...MIX_ACTIONS],
        bars: (['serverShare', 'databaseShare', 'redisShare'] as const).map((key) => ({
          name: key === 'redisShare' ? 'Redis' : key.replace('Share', ''),
          values: MIX_ACTIONS.map((action) => costOf(mix, action, key) * PER_SEND[action]),
        })),
      },
    ],
    notes: notesOf(mix),
    voidBecause: limitedSteps(
      heldBefore(steps).map((step) => ({ ...step, lagP99: step.lag.p99, p99: step.badge.p99 })),
      ({ rates }) => `${rates.send} messages/s`,
    ),
    figures: { ...mix, oracle },
  }
}

/** Held only where nothing that people do takes too long; says what ended the climb. */
export function busyBar(steps: readonly MixFigures[]): Bar {
  const held = heldBefore(steps)
  const busiest = Math.max(0, ...held.map(({ loopShare }) => loopShare))
  const last = held.at(-1)?.rates.send ?? 0
  const end = steps[held.length]
  const why =
    end === undefined ? 'the highest rate that was tried' : `at ${end.rates.send ?? 0}/s ${endOf(end)}`
  return {
    promise: `event-loop utilisation of ${BUSY} with p99 ≤ ${P99_MAX_MS} ms for everything that people do`,
    measured: `${busiest.toFixed(2)} at ${last} messages/s and all around them; ${why}`,
    held: busiest >= BUSY,
  }
}

/** What was too much at a rate: times are p99. */
function endOf(step: MixFigures): string {
  const { failed, unseen } = step
  return [
    ...tooSlow(step).map(({ what, p99 }) => `${what} takes ${p99.toFixed(0)} ms`),
    ...(failed > 0 ? [`${failed} refused or unanswered`] : []),
    ...(unseen > 0 ? [`${unseen} badges not seen`] : []),
  ].join(', ')
}

function tablesOf(mix: MixMeasured): Table[] {
  const { steps, alone } = mix
  return [
    {
      caption: `The rate rises; held is what comes before the first p99 above ${P99_MAX_MS} ms`,
      head: [
        'messages/s',
        'badge p50',
        ...TIMED.map((what) => `${what} p99`),
        'event loop busy',
        'server, cores',
        'database',
        'Redis',
      ],
      rows: steps.map((step) => [
        step.rates.send ?? 0,
        ms(step.badge.p50),
        ...TIMED.map((what) => ms(timesOf(step, what)?.p99 ?? Number.NaN)),
        step.loopShare.toFixed(2),
        step.serverShare.toFixed(2),
        step.databaseShare.toFixed(2),
        step.redisShare.toFixed(2),
      ]),
    },
    {
      caption: 'Who pays what: processor time of one action alone, in ms',
      head: ['', 'per message sent', 'server', 'database', 'Redis', 'p50', 'p99'],
      rows: MIX_ACTIONS.map((action) => [
        action,
        PER_SEND[action],
        costOf(mix, action, 'serverShare').toFixed(3),
        costOf(mix, action, 'databaseShare').toFixed(3),
        costOf(mix, action, 'redisShare').toFixed(3),
        ms(alone[action]?.took[action]?.p50 ?? Number.NaN),
        ms(alone[action]?.took[action]?.p99 ?? Number.NaN),
      ]),
    },
  ]
}

function notesOf({ redisBytesPerPerson }: MixMeasured): string[] {
  return [
    `Redis holds ${(redisBytesPerPerson / KIB).toFixed(1)} KiB for each of these people with their ten rooms, what it keeps for all of them together included.`,
    'The event loop is busy while it has something to do, and while it has and waits for a core that another process is on; the cores are processor time of the whole process. A rate that does not hold is tried once more.',
    'Of what happens less than a hundred times at a rate p99 is the slowest one, as of reconnects and marks at the lower rates.',
  ]
}

const ms = (value: number): string => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} ms`)
