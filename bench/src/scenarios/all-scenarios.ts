import { burst } from './burst.ts'
import { ceiling } from './ceiling.ts'
import { coldStart } from './cold-start.ts'
import { groups } from './groups.ts'
import { idle } from './idle.ts'
import { nodes } from './nodes.ts'
import { pairs } from './pairs.ts'
import type { Scenario } from './scenario.ts'
import { smoke } from './smoke.ts'
import { storm } from './storm.ts'

/** In the order in which they run and are reported. */
export const SCENARIOS: readonly Scenario[] = [
  smoke,
  pairs,
  ceiling,
  burst,
  groups,
  idle,
  storm,
  nodes,
  coldStart,
]
