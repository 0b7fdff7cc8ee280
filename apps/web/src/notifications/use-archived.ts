import type { Tally } from '@tally/client'
import { listArchived } from '@tally/client/extras'
import type { Notification } from '@tally/protocol'
import { useCallback, useEffect, useState } from 'react'

type Archived = { items: readonly Notification[]; next: string | null }

/** What was archived, while somebody looks at it: loaded anew when the feed has changed, on whatever device. */
export function useArchived(
  tally: Tally,
  {
    enabled,
    change,
    attempt,
  }: { enabled: boolean; change: number; attempt: (work: Promise<unknown>) => void },
) {
  const [archived, setArchived] = useState<Archived | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with a new change it is another list
  useEffect(() => {
    if (!enabled) return
    let isWanted = true
    attempt(listArchived(tally).then((page) => isWanted && setArchived(page)))
    return () => {
      isWanted = false
    }
  }, [tally, enabled, change, attempt])
  const next = archived?.next ?? null
  const loadMore = useCallback(async () => {
    if (next === null) return
    const page = await listArchived(tally, { cursor: next })
    setArchived((before) => ({ items: [...(before?.items ?? []), ...page.items], next: page.next }))
  }, [tally, next])
  return { items: archived?.items ?? [], loading: archived === null, hasMore: next !== null, loadMore }
}
