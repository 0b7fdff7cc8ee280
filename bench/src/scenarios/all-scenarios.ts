import { burst } from './burst.ts'
import { capacity } from './capacity.ts'
import { ceiling } from './ceiling.ts'
import { coldStart } from './cold-start.ts'
import { drift } from './drift.ts'
import { groups } from './groups.ts'
import { history } from './history.ts'
import { idle } from './idle.ts'
import { manyRooms } from './many-rooms.ts'
import { mix } from './mix.ts'
import { nodes } from './nodes.ts'
import { pairs } from './pairs.ts'
import { poll } from './poll.ts'
import { pollMemory } from './poll-memory.ts'
import type { Scenario } from './scenario.ts'
import { smoke } from './smoke.ts'
import { soak } from './soak.ts'
import { storm } from './storm.ts'
import { where } from './where.ts'

/** In the order in which they run and are reported. */
export const SCENARIOS: readonly Scenario[] = [
  smoke,
  pairs,
  ceiling,
  where,
  burst,
  groups,
  manyRooms,
  history,
  drift,
  idle,
  storm,
  poll,
  pollMemory,
  mix,
  nodes,
  soak,
  coldStart,
  capacity,
]
