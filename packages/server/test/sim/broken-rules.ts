import { RevClock } from '../../../client/src/rev-clock.ts'
import { MERGE_RULE, type MergeRule } from '../../src/core/registers.ts'

/** Rules that can be broken on purpose, to see that the simulation notices. */
export const BROKEN_RULES = [
  'settled merged by max',
  'tally taken from the last event',
  'key used though another run held it',
  'key used though its epoch is over',
  'snapshot read before the key exists',
  'outbox row done before the merge',
  'lost changes never told again',
  'client takes a lower rev',
] as const
export type BrokenRule = (typeof BROKEN_RULES)[number]

/** The merge rule with this mistake in it. */
export function mergeRuleOf(broken: BrokenRule | undefined): MergeRule {
  if (broken === 'settled merged by max') {
    return { ...MERGE_RULE, replaces: (held, offered) => offered.settled > held.settled }
  }
  if (broken === 'tally taken from the last event')
    return { ...MERGE_RULE, counter: (_held, offered) => offered }
  return MERGE_RULE
}

/** Makes every client believe whatever came last. @returns what mends it. */
export function breakClients(broken: BrokenRule | undefined): () => void {
  if (broken !== 'client takes a lower rev') return () => {}
  const { replaces } = RevClock.prototype
  RevClock.prototype.replaces = () => true
  return () => {
    RevClock.prototype.replaces = replaces
  }
}
