import { ceiling } from './ceiling.ts'
import { pairs } from './pairs.ts'
import type { Scenario } from './scenario.ts'
import { smoke } from './smoke.ts'

/** In the order in which they run and are reported. */
export const SCENARIOS: readonly Scenario[] = [smoke, pairs, ceiling]
