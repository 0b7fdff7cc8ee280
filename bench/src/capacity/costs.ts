import type { MixAction } from '../load/mix-load.ts'
import { fitTwo } from '../measure/least-squares.ts'
import { median } from '../measure/percentiles.ts'
import { kibEach } from '../scenarios/idle.ts'
import { costOf } from '../scenarios/mix.ts'
import { type Cost, costAt, type Place, type Shares, shareOf } from './cost.ts'
import { heldGroups, heldMix, heldPolls, type Measured } from './measured.ts'

/** What each thing costs, fitted to measured runs. */
export type Costs = {
  /** Per second of a node to which nobody is connected. */
  node: Cost
  /** Per second and connection that does nothing. */
  connection: Cost
  message: Cost
  /** Of a message to one more person. */
  delivery: Cost
  /** What a delivery costs more when it crosses from one node to another. */
  crossing: Cost
  poll: Cost
  /** Of a poll that finds something, the message that was it included. */
  pollWithNews: Cost
  actions: Record<Exclude<MixAction, 'send'>, Cost>
  emptyNodeGib: number
  serverKibPerConnection: number
  kernelKibPerConnection: number
  redisKibPerPerson: number
  bytesPerMessage: number
  most: Most
}

/** The most that was really measured: of one node; of one database and one Redis, in cores. */
type Most = {
  nodes: number
  connections: number
  messagesPerSecond: number
  deliveriesPerSecond: number
  pollsPerSecond: number
  databaseCores: number
  redisCores: number
}

const KIB = 1_024
const BYTES_PER_GIB = 2 ** 30

export function fitCosts(measured: Measured): Costs {
  const { idle, poll, mix, history } = measured
  const { rest } = poll
  const still = heldPolls(poll, false).at(-1)
  const changed = heldPolls(poll, true).at(-1)
  const pollCost = costAt((place) => aboveRest(still, rest, place))
  const action = (name: MixAction): Cost => costAt((place) => costOf(mix, name, `${place}Share` as const))
  return {
    ...fitMessages(measured),
    node: costAt((place) => shareOf(rest, place) * 1_000),
    connection: costAt(
      (place) => (Math.max(0, shareOf(idle.quiet, place) - shareOf(rest, place)) * 1_000) / idle.count,
    ),
    crossing: fitCrossing(measured),
    poll: pollCost,
    pollWithNews: costAt((place) => {
      const share = changed?.changed ?? Number.NaN
      const withoutNews = (1 - share) * pollCost[place]
      return Math.max(pollCost[place], (aboveRest(changed, rest, place) - withoutNews) / share)
    }),
    actions: {
      switch: action('switch'),
      scroll: action('scroll'),
      check: action('check'),
      mark: action('mark'),
      reconnect: action('reconnect'),
    },
    emptyNodeGib: idle.rssBefore / BYTES_PER_GIB,
    serverKibPerConnection: kibEach(idle).worse,
    // Both ends of a connection are in this kernel: one of them is the server's.
    kernelKibPerConnection:
      (kernelBytes(idle.kernelAfter) - kernelBytes(idle.kernelBefore)) / idle.count / KIB / 2,
    redisKibPerPerson: mix.redisBytesPerPerson / KIB,
    bytesPerMessage: history.bytesPerMessage,
    most: mostOf(measured),
  }
}

/** What one poll takes beside what the server does without any; not known where no rate was held. */
function aboveRest(step: (Shares & { perSecond: number }) | undefined, rest: Shares, place: Place): number {
  if (step === undefined) return Number.NaN
  return Math.max(0, ((shareOf(step, place) - shareOf(rest, place)) * 1_000) / step.perSecond)
}

function fitMessages({ groups }: Measured): Pick<Costs, 'message' | 'delivery'> {
  const fitted = (place: Place): { a: number; b: number } =>
    fitTwo(
      heldGroups(groups).map((step) => ({
        one: step.sent,
        other: step.sent * (step.size - 1),
        value: shareOf(step, place) * step.seconds * 1_000 * (step.sent / step.sentInAll),
      })),
    )
  return { message: costAt((place) => fitted(place).a), delivery: costAt((place) => fitted(place).b) }
}

/** Two nodes against one: with two every message is one delivery that crosses. The second process's own work is in it. */
function fitCrossing({ nodes: { loaded } }: Measured): Cost {
  return costAt((place) => {
    const of = (count: number): number =>
      median(
        loaded
          .filter(({ nodes }) => nodes === count)
          .map(({ step }) => (shareOf(step, place) * 1_000) / step.acknowledgedPerSecond),
      )
    return Math.max(0, of(2) - of(1))
  })
}

function mostOf({ idle, groups, poll, mix, nodes }: Measured): Most {
  const [held, polls, people] = [heldGroups(groups), heldPolls(poll, false), heldMix(mix)]
  const all: Shares[] = [...held, ...polls, ...people, ...nodes.loaded.map(({ step }) => step)]
  const most = (values: readonly number[]): number => Math.max(0, ...values)
  return {
    nodes: most(nodes.loaded.map(({ nodes }) => nodes)),
    connections: idle.count,
    messagesPerSecond: most(people.map(({ rates }) => rates.send ?? 0)),
    deliveriesPerSecond: most(held.map(({ deliveriesPerSecond }) => deliveriesPerSecond)),
    pollsPerSecond: most(polls.map(({ perSecond }) => perSecond)),
    databaseCores: most(all.map(({ databaseShare }) => databaseShare)),
    redisCores: most(all.map(({ redisShare }) => redisShare)),
  }
}

/** What is not told counts as nothing. */
function kernelBytes({ structures, buffers }: Measured['idle']['kernelBefore']): number {
  return (structures || 0) + (buffers || 0)
}
