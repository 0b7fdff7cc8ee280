import type { Tally } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { blocksOf } from './blocks.ts'
import { useStore } from './use-store.ts'

const NOBODY = { get: () => null, subscribe: () => () => {} }

/** Whether somebody is blocked; `null` while that is not known, or about nobody. */
export function useBlocked(tally: Tally, userId: UserId | null): boolean | null {
  const blocked = useStore<ReadonlySet<UserId> | null>(userId === null ? NOBODY : blocksOf(tally))
  return userId === null || blocked === null ? null : blocked.has(userId)
}
