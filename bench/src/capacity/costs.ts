import type { MixAction } from '../load/mix-load.ts'
import { fitTwo } from '../measure/least-squares.ts'
import type { GroupsFigures } from '../scenarios/groups.ts'
import type { HistoryFigures } from '../scenarios/history.ts'
import type { IdleFigures } from '../scenarios/idle.ts'
import { costOf, type MixMeasured } from '../scenarios/mix.ts'
import type { PollFigures } from '../scenarios/poll.ts'

/** What was measured before, by scenario. */
export type Measured = {
  idle: IdleFigures
  groups: GroupsFigures
  poll: PollFigures
  mix: MixMeasured
  history: HistoryFigures
}

/** Where processor time is spent. */
export type Place = 'server' | 'database' | 'redis'
export const PLACES: readonly Place[] = ['server', 'database', 'redis']

/** Processor time in ms, by where it is spent. */
export type Cost = Record<Place, number>

/** What each thing costs, fitted to measured runs. */
export type Costs = {
  /** Per second and connection that does nothing. */
  connection: Cost
  message: Cost
  /** Of a message to one more person. */
  delivery: Cost
  poll: Cost
  actions: Record<Exclude<MixAction, 'send'>, Cost>
  serverKibPerConnection: number
  kernelKibPerConnection: number
  redisKibPerPerson: number
  bytesPerMessage: number
  /** The most that was really measured on one node. */
  most: { connections: number; messagesPerSecond: number; deliveriesPerSecond: number }
}

const SHARE = { server: 'serverShare', database: 'databaseShare', redis: 'redisShare' } as const
const KIB = 1_024

/** What is not told counts as nothing. */
function kernelBytes({ structures, buffers }: IdleFigures['kernelBefore']): number {
  return (structures || 0) + (buffers || 0)
}

export function fitCosts({ idle, groups, poll, mix, history }: Measured): Costs {
  const steps = [...groups.climbed, ...groups.curve].filter(({ serverShare }) => serverShare < 0.95)
  const each = (cost: (place: Place) => number): Cost => ({
    server: cost('server'),
    database: cost('database'),
    redis: cost('redis'),
  })
  const fits = each(() => 0)
  const delivery = each(() => 0)
  for (const place of PLACES) {
    const { a, b } = fitTwo(
      steps.map((step) => ({
        one: step.sent,
        other: step.sent * (step.size - 1),
        value: step[SHARE[place]] * step.seconds * 1_000 * (step.sent / step.sentInAll),
      })),
    )
    fits[place] = a
    delivery[place] = b
  }
  const polls = poll.steps.filter(({ changed, failed }) => changed === 0 && failed === 0)
  const busiest = polls.at(-1)
  const action = (name: MixAction): Cost => each((place) => costOf(mix, name, SHARE[place]))
  return {
    connection: each((place) => (idle.quiet[SHARE[place]] * 1_000) / idle.count),
    message: fits,
    delivery,
    poll: each((place) => (busiest === undefined ? 0 : (busiest[SHARE[place]] * 1_000) / busiest.perSecond)),
    actions: {
      switch: action('switch'),
      scroll: action('scroll'),
      check: action('check'),
      mark: action('mark'),
      reconnect: action('reconnect'),
    },
    serverKibPerConnection: (idle.rssAfter - idle.rssBefore) / idle.count / KIB,
    kernelKibPerConnection:
      (kernelBytes(idle.kernelAfter) - kernelBytes(idle.kernelBefore)) / idle.count / KIB / 2,
    redisKibPerPerson: idle.redisBytes / idle.count / KIB,
    bytesPerMessage: history.bytesPerMessage,
    most: {
      connections: idle.count,
      messagesPerSecond: Math.max(...steps.map(({ sent, seconds }) => sent / seconds)),
      deliveriesPerSecond: Math.max(...steps.map(({ deliveriesPerSecond }) => deliveriesPerSecond)),
    },
  }
}
