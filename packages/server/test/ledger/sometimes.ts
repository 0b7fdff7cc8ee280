import type { LedgerOutcome } from '../../src/core/ledger-step.ts'

/** What must have happened in some history, or the histories prove less than they seem to. */
export const SOMETIMES = [
  'an event met a cold key',
  'an event met a warming key',
  'an event met a ready key and changed something visible',
  'an event met a ready key and changed nothing visible',
  'an event named a room that the key did not hold',
  'a warming told rooms that changed meanwhile',
  'a warming was refused because another had taken its place',
  'a warming was busy',
  'a ready key was warmed again',
  'a lease lapsed and its room counted again',
  'a history ended with a badge',
  'a history ended with a hidden room',
] as const
export type Sometimes = (typeof SOMETIMES)[number]

/** What an event did, by the outcome of its step. */
export function whatHappened(outcome: LedgerOutcome): Sometimes {
  if (outcome.state === 'cold') return 'an event met a cold key'
  if (outcome.state === 'warming') return 'an event met a warming key'
  if (outcome.missing.length > 0) return 'an event named a room that the key did not hold'
  return outcome.rooms.length > 0
    ? 'an event met a ready key and changed something visible'
    : 'an event met a ready key and changed nothing visible'
}
