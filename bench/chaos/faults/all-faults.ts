import { clientFaults } from './client-faults.ts'
import { clusterFaults } from './cluster-faults.ts'
import type { Fault } from './fault.ts'
import { nodeFaults } from './node-faults.ts'
import { postgresFaults } from './postgres-faults.ts'
import { redisFaults } from './redis-faults.ts'

/** Every fault there is, in the order of the report. */
export const ALL_FAULTS: readonly Fault[] = [
  ...nodeFaults,
  ...redisFaults,
  ...clusterFaults,
  ...postgresFaults,
  ...clientFaults,
]
