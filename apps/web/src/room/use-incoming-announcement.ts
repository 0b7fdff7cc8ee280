import type { MessageState, SentMessage } from '@tally/client'
import { useEffect, useRef, useState } from 'react'

/** The words for the newest message of somebody else that came while the room was open, for those who listen. */
export function useIncomingAnnouncement(
  items: readonly MessageState[],
  words: (message: SentMessage) => string,
): string {
  const [announcement, setAnnouncement] = useState('')
  const lastSeq = useRef<number | null>(null)
  const say = useRef(words)
  say.current = words
  useEffect(() => {
    const newest = items.findLast((item): item is SentMessage => item.state === 'sent')
    if (newest === undefined) return
    const before = lastSeq.current
    lastSeq.current = Math.max(before ?? 0, newest.seq)
    // What was there when the room opened is read by whoever walks through it.
    if (before === null || newest.seq <= before || newest.clientId !== undefined) return
    setAnnouncement(say.current(newest))
  }, [items])
  return announcement
}
