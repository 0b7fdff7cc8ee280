import type { Assumptions } from './assumptions.ts'
import { type Cost, type Costs, PLACES } from './costs.ts'

/** What so many people need at their busiest, and what it costs in a month. */
export type Demand = {
  people: number
  connections: number
  messagesPerSecond: number
  deliveriesPerSecond: number
  pollsPerSecond: number
  /** Cores in use at the peak. */
  cores: Cost
  nodes: number
  nodeMemoryGib: number
  redisMemoryGib: number
  databaseStorageGib: number
  money: number
  /** Whether one node would carry more than any that was measured, or there are more nodes than were. */
  isExtrapolated: boolean
}

const KIB_PER_GIB = 2 ** 20
const BYTES_PER_GIB = 2 ** 30
const NODES_MEASURED = 3
/** What a node takes with nobody connected. */
const EMPTY_NODE_GIB = 0.2

export function demandOf(
  people: number,
  costs: Costs,
  { people: habits, machines, prices }: Assumptions,
): Demand {
  const present = people * habits.connectedShareAtPeak
  const connections = present * (1 - habits.pollingShare)
  const pollsPerSecond = (present * habits.pollingShare) / habits.secondsBetweenPolls
  const messagesPerSecond = (present * habits.messagesPerConnectedPersonPerMinute) / 60
  const deliveriesPerSecond = messagesPerSecond * habits.otherMembersPerRoom
  const cores: Cost = { server: 0, database: 0, redis: 0 }
  for (const place of PLACES) {
    const { actions } = costs
    const aroundMessage =
      habits.roomSwitchesPerMessage * actions.switch[place] +
      habits.pagesPerMessage * actions.scroll[place] +
      habits.unreadChecksPerMessage * actions.check[place] +
      habits.marksPerMessage * actions.mark[place] +
      habits.reconnectsPerMessage * actions.reconnect[place]
    const ms =
      connections * costs.connection[place] +
      messagesPerSecond * (costs.message[place] + aroundMessage) +
      deliveriesPerSecond * costs.delivery[place] +
      pollsPerSecond * costs.poll[place]
    cores[place] = ms / 1_000
  }
  const connectionGib =
    (connections * (costs.serverKibPerConnection + costs.kernelKibPerConnection)) / KIB_PER_GIB
  const byCores = cores.server / machines.nodeCores / machines.useOfCores
  const byMemory = connectionGib / (machines.nodeMemoryGiB * machines.useOfMemory - EMPTY_NODE_GIB)
  const nodes = Math.max(machines.fewestNodes, Math.ceil(Math.max(byCores, byMemory)))
  const redisMemoryGib = (people * costs.redisKibPerPerson) / KIB_PER_GIB
  const messagesKept = messagesPerSecond * 3_600 * habits.busyHoursPerDay * habits.daysKept
  const databaseStorageGib = (messagesKept * costs.bytesPerMessage) / BYTES_PER_GIB
  const whole = (used: number): number => Math.max(1, Math.ceil(used / machines.useOfCores))
  const money =
    nodes * prices.node +
    whole(cores.database) * prices.databaseCore +
    databaseStorageGib * prices.databaseStorageGiB +
    whole(cores.redis) * prices.redisCore +
    Math.max(1, Math.ceil(redisMemoryGib)) * prices.redisGiB
  return {
    people,
    connections,
    messagesPerSecond,
    deliveriesPerSecond,
    pollsPerSecond,
    cores,
    nodes,
    nodeMemoryGib: connectionGib / nodes + EMPTY_NODE_GIB,
    redisMemoryGib,
    databaseStorageGib,
    money,
    isExtrapolated:
      nodes > NODES_MEASURED ||
      connections / nodes > costs.most.connections ||
      messagesPerSecond > costs.most.messagesPerSecond ||
      deliveriesPerSecond > costs.most.deliveriesPerSecond,
  }
}
