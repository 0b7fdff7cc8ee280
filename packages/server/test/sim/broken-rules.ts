import { RevClock } from '../../../client/src/rev-clock.ts'
import { MERGE_RULE, type MergeRule } from '../../src/core/registers.ts'
import { MessageParts } from '../../src/edges/socket/message-parts.ts'

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
  'older edit told as it came',
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

/** Makes a class do something else than it promises. @returns what mends it. */
export function breakClasses(broken: BrokenRule | undefined): () => void {
  // Every client believes whatever came last.
  if (broken === 'client takes a lower rev') return replaced(RevClock.prototype, 'replaces', () => true)
  if (broken === 'older edit told as it came')
    return replaced(MessageParts.prototype, 'latest', (event) => event)
  return () => {}
}

function replaced<T, K extends keyof T>(prototype: T, name: K, method: T[K]): () => void {
  const right = prototype[name]
  prototype[name] = method
  return () => {
    prototype[name] = right
  }
}
