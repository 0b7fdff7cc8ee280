import { type Assumptions, readAssumptions } from '../capacity/assumptions.ts'
import type { Cost, Place } from '../capacity/cost.ts'
import { type Costs, fitCosts } from '../capacity/costs.ts'
import { type Demand, demandOf } from '../capacity/demand.ts'
import type { Measured } from '../capacity/measured.ts'
import { checkModel, type ModelCheck } from '../capacity/model-check.ts'
import type { LinePlot } from '../report/line-plot.ts'
import type { Result, Table } from '../report/result.ts'
import type { Scenario, Surroundings } from './scenario.ts'

const PEOPLE = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
const NEEDED = ['idle', 'groups', 'poll', 'mix', 'history', 'nodes'] as const

export const capacity: Scenario = {
  name: 'capacity',
  about: 'what 1 thousand to 1 million people need and cost, computed from what the others measured',
  expectedSeconds: { once: 1, perRound: 0 },
  run: async (surroundings) => resultOf(measuredBefore(surroundings)),
}

/** @throws Error naming what has to be measured first. */
function measuredBefore({ figuresOf }: Surroundings): Measured {
  const missing = NEEDED.filter((name) => figuresOf(name) === undefined)
  if (missing.length > 0) throw new Error(`measure these first, with --report: ${missing.join(', ')}`)
  return Object.fromEntries(NEEDED.map((name) => [name, figuresOf(name)])) as Measured
}

function resultOf(measured: Measured): Result {
  const costs = fitCosts(measured)
  const checks = checkModel(costs, measured.mix)
  const assumptions = readAssumptions()
  const demands = PEOPLE.map((people) => demandOf(people, costs, assumptions))
  return {
    scenario: 'capacity',
    title: 'What it takes',
    what:
      'The cost of a connection, a message, a delivery, a poll and of what people do around a message is fitted to the measured runs of ' +
      '`idle`, `groups`, `poll`, `mix`, `history` and `nodes`, and multiplied; rates that were not held are left out. People, machines and ' +
      'prices are assumptions, to be edited in `bench/src/capacity/assumptions.json`. Rows in italics are extrapolated: a node, the ' +
      'database or Redis would carry more than any did while it was measured, or there are more nodes than were.',
    bars: [],
    tables: [
      {
        caption: 'By people who use it on a day; at their busiest, and per month',
        head: [
          'people',
          'connected',
          'messages/s',
          'deliveries/s',
          'polls/s',
          'nodes',
          'memory of each',
          'server cores',
          'database cores',
          'database storage',
          'Redis cores',
          'Redis memory',
          'USD a month',
        ],
        rows: demands.map(rowOf),
      },
      {
        caption: 'Fitted costs: processor time in ms',
        head: ['', 'server', 'database', 'Redis'],
        rows: [
          costRow('a node to which nobody is connected, per second', costs.node),
          costRow('a connection that does nothing, per second', costs.connection),
          costRow('a message', costs.message),
          costRow('a delivery', costs.delivery),
          costRow('what a delivery from one node to another costs more', costs.crossing),
          costRow('a poll without news', costs.poll),
          costRow('a poll with news, the message included', costs.pollWithNews),
          ...Object.entries(costs.actions).map(([name, cost]) => costRow(name, cost)),
        ],
      },
      checkTable(checks),
      assumedTable(assumptions),
    ],
    plots: [
      plotOf({ name: 'nodes', title: 'Nodes by people', label: 'nodes' }, demands, ({ nodes }) => nodes),
      plotOf(
        { name: 'money', title: 'Money by people', label: 'USD a month' },
        demands,
        ({ money }) => money,
      ),
    ],
    notes: [...checkNotes(checks), ...notesOf(costs)],
    voidBecause: [],
    figures: { costs, demands, checks, assumptions },
  }
}

function rowOf(demand: Demand): string[] {
  const { isExtrapolated, cores } = demand
  const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
  const tenths = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
  const gib = (value: number): string => (value < 10 ? `${value.toFixed(2)} GiB` : `${whole(value)} GiB`)
  const cells = [
    whole(demand.people),
    whole(demand.connections),
    tenths(demand.messagesPerSecond),
    tenths(demand.deliveriesPerSecond),
    whole(demand.pollsPerSecond),
    whole(demand.nodes),
    gib(demand.nodeMemoryGib),
    cores.server.toFixed(2),
    cores.database.toFixed(2),
    gib(demand.databaseStorageGib),
    cores.redis.toFixed(2),
    gib(demand.redisMemoryGib),
    whole(demand.money),
  ]
  return isExtrapolated ? cells.map((cell) => `*${cell}*`) : cells
}

function costRow(name: string, { server, database, redis }: Cost): string[] {
  return [name, server.toFixed(4), database.toFixed(4), redis.toFixed(4)]
}

const PLACES = [
  ['server', 'server'],
  ['database', 'database'],
  ['Redis', 'redis'],
] as const

/** By how much the model is above what was measured: 0.5 is half as much again. */
function errorOf({ model, measured }: ModelCheck, place: Place): number {
  return model[place] / measured[place] - 1
}

function checkTable(checks: readonly ModelCheck[]): Table {
  return {
    caption:
      'Model against measurement: ms of processor time for a message and all around it, at each rate that `mix` held',
    head: [
      'messages/s',
      ...PLACES.flatMap(([name]) => [`${name}, model`, `${name}, measured`, `${name}, model is off by`]),
    ],
    rows: checks.map((check) => [
      check.perSecond,
      ...PLACES.flatMap(([, place]) => [
        check.model[place].toFixed(2),
        check.measured[place].toFixed(2),
        signed(errorOf(check, place)),
      ]),
    ]),
  }
}

const signed = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(0)} %`

/** Whether what the model says is too much or too little, in words. */
export function checkNotes(checks: readonly ModelCheck[]): string[] {
  if (checks.length === 0) return []
  return PLACES.map(([name, place]) => {
    const errors = checks.map((check) => errorOf(check, place))
    const below = checks.filter((check) => errorOf(check, place) < 0)
    const rates = below.map(({ perSecond }) => `${perSecond}/s`).join(', ')
    const what = `**Model and measurement, ${name}:** the model is`
    const most = signed(Math.max(...errors))
    if (below.length === checks.length)
      return `${what} below what was measured at every rate (${signed(Math.min(...errors))} to ${most}): more is needed than stands here.`
    if (below.length === 0)
      return `${what} above what was measured at every rate (up to ${most}): what stands here is an upper bound.`
    return `${what} below what was measured at ${rates} (${signed(Math.min(...errors))}): as few messages cost more each. At the other rates it is above (up to ${most}): there, what stands here is an upper bound.`
  })
}

/** What is assumed of people, machines and prices, in words and with units. */
function assumedTable({ people, machines, prices }: Assumptions): Table {
  const percent = (share: number): string => `${share * 100} %`
  const usd = (price: number, each: string): string => `${price} USD a month ${each}`
  return {
    caption: 'Assumed',
    head: ['', ''],
    rows: [
      [
        'connected or polling at the busiest moment',
        `${percent(people.connectedShareAtPeak)} of those who use it on a day`,
      ],
      ['of them, poll instead of being connected', percent(people.pollingShare)],
      ['between two polls of one person', `${people.secondsBetweenPolls} s`],
      ['messages that one of them writes', `${people.messagesPerConnectedPersonPerMinute} a minute`],
      ['others in a room, who hear of each message', `${people.otherMembersPerRoom} people`],
      ['somebody opens another room', `${people.roomSwitchesPerMessage} times for each message`],
      ['pages of history read', `${people.pagesPerMessage} for each message`],
      ['unread checks', `${people.unreadChecksPerMessage} for each message`],
      ['rooms marked as read', `${people.marksPerMessage} for each message`],
      ['reconnects', `${people.reconnectsPerMessage} for each message`],
      ['as busy as at the peak', `${people.busyHoursPerDay} hours a day`],
      ['messages are kept for', `${people.daysKept} days`],
      ['a node has', `${machines.nodeCores} core, ${machines.nodeMemoryGiB} GiB of memory`],
      [
        'of its cores at the peak, and those of the database and of Redis',
        `${percent(machines.useOfCores)} may be in use`,
      ],
      ['of its memory', `${percent(machines.useOfMemory)} may be in use`],
      ['nodes, at least', machines.fewestNodes],
      ['price of a node', usd(prices.node, 'each')],
      ['price of the database’s processor', usd(prices.databaseCore, 'a core')],
      ['price of the database’s storage', usd(prices.databaseStorageGiB, 'a GiB')],
      ['price of Redis’s memory', usd(prices.redisGiB, 'a GiB')],
      ['price of Redis’s processor', usd(prices.redisCore, 'a core')],
    ],
  }
}

function notesOf(costs: Costs): string[] {
  return [
    `An empty node takes ${costs.emptyNodeGib.toFixed(2)} GiB, a connection ${costs.serverKibPerConnection.toFixed(1)} KiB of the server (the worse of the two figures of \`idle\`) and ${costs.kernelKibPerConnection.toFixed(1)} KiB of its kernel; somebody with ten rooms ${costs.redisKibPerPerson.toFixed(1)} KiB of Redis; a message ${Math.round(costs.bytesPerMessage)} bytes of the database, indexes included. Costs per message fall with the load, because a commit carries a group: small installations pay more for each than is shown, and have cores to spare.`,
    'People are on any of the nodes, so with more of them a larger share of all deliveries crosses from one to another. What that costs is measured with two nodes against one: what the second process does by itself is in it, and the real cost is lower.',
    'One PostgreSQL holds everything, on as many cores as it takes. Redis runs on one core: where more than one is needed, people and rooms are spread over a Redis cluster.',
    '**Not in the prices:** a standby of the database and of Redis, backups, the balancer, traffic, files, and somebody who looks after it.',
  ]
}

function plotOf(
  { name, title, label }: { name: string; title: string; label: string },
  demands: readonly Demand[],
  of: (demand: Demand) => number,
): LinePlot {
  return {
    ...{ kind: 'lines', name: `capacity-${name}`, title },
    x: { label: 'people who use it on a day', isLog: true },
    y: { label, isLog: true },
    series: seriesOf(label, demands, of),
  }
}

/** What was measured as one line, and what lies beyond it as another that begins where the first one ends. */
function seriesOf(
  name: string,
  demands: readonly Demand[],
  of: (demand: Demand) => number,
): { name: string; points: [number, number][]; isExtrapolated?: boolean }[] {
  const points = demands.map((demand): [number, number] => [demand.people, of(demand)])
  const first = demands.findIndex(({ isExtrapolated }) => isExtrapolated)
  if (first < 0) return [{ name, points }]
  const beyond = {
    name: `${name}, extrapolated`,
    points: points.slice(Math.max(0, first - 1)),
    isExtrapolated: true,
  }
  return first === 0 ? [beyond] : [{ name, points: points.slice(0, first) }, beyond]
}
