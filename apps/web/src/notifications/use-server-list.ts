import type { Tally } from '@tally/client'
import { listArchived, listUnread, type NotificationPage } from '@tally/client/extras'
import { useCallback, useEffect, useRef, useState } from 'react'
import { onConnected } from '../tally/on-connected.ts'

const LISTS = { archived: listArchived, unread: listUnread } as const

type Which = keyof typeof LISTS

type Options = {
  tally: Tally
  /** `null` while none of them is looked at. */
  which: Which | null
  /** Another one with each change of the feed, on whatever device. */
  version: string
}

type Kept = { page: NotificationPage /** Of which it is. */; version: string }

/**
 * A part of the feed that the server picks out, while somebody looks at it: loaded anew when the feed has changed, and when
 * a connection comes before that could be.
 */
export function useServerList({ tally, which, version }: Options) {
  const [kept, setKept] = useState<Partial<Record<Which, Kept>>>({})
  const [failed, setFailed] = useState<{ which: Which; error: unknown } | null>(null)
  const asked = useRef(0)
  const load = useCallback(async () => {
    if (which === null) return
    // Of two that are on their way, the one that was asked for last is the newer one.
    const turn = ++asked.current
    setFailed(null)
    try {
      const page = await LISTS[which](tally)
      if (turn === asked.current) setKept((before) => ({ ...before, [which]: { page, version } }))
    } catch (error) {
      if (turn === asked.current) setFailed({ which, error })
    }
  }, [tally, which, version])
  const known = which === null ? undefined : kept[which]
  const isCurrent = known?.version === version
  useEffect(() => {
    if (isCurrent) return
    void load()
    return onConnected(tally, () => void load())
  }, [isCurrent, load, tally])

  const page = known?.page
  const loadMore = async () => {
    if (which === null || !page?.next) return
    const more = await LISTS[which](tally, { cursor: page.next })
    setKept((before) =>
      // Loaded anew meanwhile, it goes on elsewhere.
      known !== undefined && before[which] === known
        ? { ...before, [which]: { ...known, page: { ...more, items: [...page.items, ...more.items] } } }
        : before,
    )
  }
  const failure = failed?.which === which ? failed.error : null
  return {
    items: page?.items ?? [],
    loading: page === undefined && failure === null,
    /** Why the newest state of it could not be had; `null` where it could. */
    failure,
    hasMore: page !== undefined && page.next !== null,
    load,
    loadMore,
  }
}
