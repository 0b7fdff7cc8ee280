import type { MessageState, SentMessage, UserId } from '@tally/client'
import { useEffect, useRef, useState } from 'react'

/** The newest message of somebody else that came while the room was open: what those who listen are told. */
export function useIncoming(items: readonly MessageState[], meId: UserId | undefined): SentMessage | null {
  const [incoming, setIncoming] = useState<SentMessage | null>(null)
  const knownSeq = useRef<number | null>(null)
  useEffect(() => {
    const newest = items.findLast((item): item is SentMessage => item.state === 'sent')
    if (newest === undefined) return
    const before = knownSeq.current
    knownSeq.current = Math.max(before ?? 0, newest.seq)
    // What was there when the room opened is read by whoever walks through it.
    if (before === null || newest.seq <= before || newest.senderId === meId) return
    setIncoming(newest)
  }, [items, meId])
  return incoming
}
