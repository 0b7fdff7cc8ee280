import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What people do, what machines are like and what things cost, per month; `assumptions.json` holds the values. */
export type Assumptions = {
  people: {
    connectedShareAtPeak: number
    messagesPerConnectedPersonPerMinute: number
    otherMembersPerRoom: number
    roomSwitchesPerMessage: number
    pagesPerMessage: number
    unreadChecksPerMessage: number
    marksPerMessage: number
    reconnectsPerMessage: number
    pollingShare: number
    secondsBetweenPolls: number
    busyHoursPerDay: number
    daysKept: number
  }
  machines: {
    /** A node is one process, which has use for one core and a little of a second. */
    nodeCores: number
    nodeMemoryGiB: number
    /** How much of what a node has may be used at the peak. */
    useOfCores: number
    useOfMemory: number
    fewestNodes: number
  }
  prices: {
    node: number
    databaseCore: number
    databaseStorageGiB: number
    redisGiB: number
    redisCore: number
  }
}

export function readAssumptions(): Assumptions {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'assumptions.json'), 'utf8')) as Assumptions
}
