import type { Assumptions } from './assumptions.ts'
import { type Cost, costAt } from './cost.ts'
import type { Costs } from './costs.ts'

/** What so many people need at their busiest, and what it costs in a month. */
export type Demand = Load & {
  people: number
  /** Cores in use at the peak. */
  cores: Cost
  nodes: number
  nodeMemoryGib: number
  redisMemoryGib: number
  databaseStorageGib: number
  money: number
  /** Whether a node, the database or Redis would carry more than any that was measured, or there are more nodes than were. */
  isExtrapolated: boolean
}

/** What people do around a message. */
export type Habits = Pick<
  Assumptions['people'],
  | 'roomSwitchesPerMessage'
  | 'pagesPerMessage'
  | 'unreadChecksPerMessage'
  | 'marksPerMessage'
  | 'reconnectsPerMessage'
>

/** What people do at their busiest. */
type Load = {
  connections: number
  messagesPerSecond: number
  deliveriesPerSecond: number
  pollsPerSecond: number
  /** Of the polls, those that find something. */
  newsShare: number
}

const KIB_PER_GIB = 2 ** 20
const BYTES_PER_GIB = 2 ** 30

export function demandOf(people: number, costs: Costs, assumptions: Assumptions): Demand {
  const { people: habits, machines, prices } = assumptions
  const load = loadOf(people, habits)
  const nodes = nodesFor(load, costs, assumptions)
  const work = workOf({ load, nodes, costs, habits })
  const cores = costAt((place) => work[place] + (nodes * costs.node[place]) / 1_000)
  const redisMemoryGib = (people * costs.redisKibPerPerson) / KIB_PER_GIB
  const messagesKept = load.messagesPerSecond * 3_600 * habits.busyHoursPerDay * habits.daysKept
  const databaseStorageGib = (messagesKept * costs.bytesPerMessage) / BYTES_PER_GIB
  const whole = (used: number): number => Math.max(1, Math.ceil(used / machines.useOfCores))
  const money =
    nodes * prices.node +
    whole(cores.database) * prices.databaseCore +
    databaseStorageGib * prices.databaseStorageGiB +
    whole(cores.redis) * prices.redisCore +
    Math.max(1, Math.ceil(redisMemoryGib)) * prices.redisGiB
  return {
    ...{ people, ...load, cores, nodes, redisMemoryGib, databaseStorageGib, money },
    nodeMemoryGib: connectionGib(load, costs) / nodes + costs.emptyNodeGib,
    isExtrapolated: isBeyond({ ...load, nodes, cores }, costs),
  }
}

function loadOf(people: number, habits: Assumptions['people']): Load {
  const present = people * habits.connectedShareAtPeak
  const messagesPerSecond = (present * habits.messagesPerConnectedPersonPerMinute) / 60
  const deliveriesPerSecond = messagesPerSecond * habits.otherMembersPerRoom
  const heardBetweenPolls = (deliveriesPerSecond / present) * habits.secondsBetweenPolls
  return {
    connections: present * (1 - habits.pollingShare),
    messagesPerSecond,
    deliveriesPerSecond,
    pollsPerSecond: (present * habits.pollingShare) / habits.secondsBetweenPolls,
    // Messages come independently of each other.
    newsShare: 1 - Math.exp(-heardBetweenPolls),
  }
}

/** As few as can carry it: each more is one more that a delivery may have to cross to. */
function nodesFor(load: Load, costs: Costs, { people: habits, machines }: Assumptions): number {
  const coresOfNode = machines.nodeCores * machines.useOfCores - costs.node.server / 1_000
  const memoryOfNode = machines.nodeMemoryGiB * machines.useOfMemory - costs.emptyNodeGib
  let nodes = machines.fewestNodes
  for (;;) {
    const { server } = workOf({ load, nodes, costs, habits })
    const needed = Math.ceil(Math.max(server / coresOfNode, connectionGib(load, costs) / memoryOfNode))
    if (!(needed > nodes)) return nodes
    nodes = needed
  }
}

/** Cores at work beside what nodes do by themselves. People are on any of the nodes, so a share of all deliveries crosses. */
export function workOf(options: { load: Load; nodes: number; costs: Costs; habits: Habits }): Cost {
  const { load, nodes, costs, habits } = options
  const { actions } = costs
  return costAt((place) => {
    const aroundMessage =
      habits.roomSwitchesPerMessage * actions.switch[place] +
      habits.pagesPerMessage * actions.scroll[place] +
      habits.unreadChecksPerMessage * actions.check[place] +
      habits.marksPerMessage * actions.mark[place] +
      habits.reconnectsPerMessage * actions.reconnect[place]
    const delivery = costs.delivery[place] + (1 - 1 / nodes) * costs.crossing[place]
    const poll = (1 - load.newsShare) * costs.poll[place] + load.newsShare * costs.pollWithNews[place]
    const ms =
      load.connections * costs.connection[place] +
      load.messagesPerSecond * (costs.message[place] + aroundMessage) +
      load.deliveriesPerSecond * delivery +
      load.pollsPerSecond * poll
    return ms / 1_000
  })
}

function connectionGib({ connections }: Load, costs: Costs): number {
  return (connections * (costs.serverKibPerConnection + costs.kernelKibPerConnection)) / KIB_PER_GIB
}

function isBeyond(asked: Load & { nodes: number; cores: Cost }, { most }: Costs): boolean {
  const { nodes, cores } = asked
  return (
    nodes > most.nodes ||
    asked.connections > most.connections * nodes ||
    asked.messagesPerSecond > most.messagesPerSecond * nodes ||
    asked.deliveriesPerSecond > most.deliveriesPerSecond * nodes ||
    asked.pollsPerSecond > most.pollsPerSecond * nodes ||
    cores.database > most.databaseCores ||
    cores.redis > most.redisCores
  )
}
