import type { RoomId } from '@tally/client'
import { type Cursor, type FoundMessage, search } from '@tally/client/extras'
import { useCallback, useEffect, useState } from 'react'
import { useTally } from '../tally/tally-context.ts'

/** Long enough for a syllable to be put together. */
export const TYPING_MS = 250
const PAGE = 20

export type MessageSearch = {
  /** `short`: too little to look for. */
  state: 'short' | 'searching' | 'there' | 'failed'
  items: readonly FoundMessage[]
  hasMore: boolean
  /** What comes next is on its way. */
  loadingMore: boolean
  loadMore: () => void
}

type Found = Pick<MessageSearch, 'state' | 'items' | 'loadingMore'> & { next: Cursor | null }

const NOTHING: Found = { state: 'short', items: [], next: null, loadingMore: false }

/** Messages with these words, in all rooms or in one, while somebody types them. */
export function useMessageSearch(query: string, roomId?: RoomId): MessageSearch {
  const tally = useTally()
  const [found, setFound] = useState(NOTHING)
  // Half of a surrogate pair has no place in an address.
  const q = query.trim().toWellFormed()
  useEffect(() => {
    if (q === '') {
      setFound(NOTHING)
      return
    }
    setFound((before) => ({ ...before, state: 'searching' }))
    let isCurrent = true
    const timer = setTimeout(() => {
      search(tally, { q, limit: PAGE, ...(roomId === undefined ? {} : { roomId }) }).then(
        ({ items, next }) =>
          isCurrent && setFound({ state: 'there', items: messagesOf(items), next, loadingMore: false }),
        (error: unknown) => {
          const short = error instanceof Error && 'code' in error && error.code === 'invalid_request'
          if (isCurrent) setFound({ ...NOTHING, state: short ? 'short' : 'failed' })
        },
      )
    }, TYPING_MS)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [tally, q, roomId])

  const { items, next, loadingMore } = found
  const loadMore = useCallback(() => {
    if (next === null || loadingMore) return
    setFound((before) => ({ ...before, loadingMore: true }))
    // Unless something else was looked for meanwhile.
    const become = (then: Partial<Found>) =>
      setFound((before) => (before.items === items ? { ...before, loadingMore: false, ...then } : before))
    search(tally, { q, limit: PAGE, cursor: next, ...(roomId === undefined ? {} : { roomId }) }).then(
      (page) => become({ items: [...items, ...messagesOf(page.items)], next: page.next }),
      // It can be asked for again.
      () => become({}),
    )
  }, [tally, q, roomId, items, next, loadingMore])
  // While something else is looked for, what is shown is of before.
  const { state } = found
  return { state, items, hasMore: next !== null && state === 'there', loadingMore, loadMore }
}

function messagesOf(items: readonly ({ kind: string } | FoundMessage)[]): FoundMessage[] {
  return items.filter((item): item is FoundMessage => item.kind === 'message')
}
