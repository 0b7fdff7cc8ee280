import type { MessagesState } from '@tally/client'
import { useState } from 'react'

type UnreadLine = { firstUnreadSeq: number | null; newCount: number | null }

/**
 * Where the "new messages" line stands and what it says: decided once, when the room opens. Messages that arrive while
 * one is looking are not "new" in that sense, and the line must not count on under the reader's eyes.
 */
export function useUnreadLine(messages: MessagesState, meId: string | undefined): UnreadLine {
  const [line, setLine] = useState<UnreadLine | null>(null)
  if (line !== null) return line
  if (messages.items.length === 0 || meId === undefined) return { firstUnreadSeq: null, newCount: null }
  const { firstUnreadSeq } = messages
  const unread = messages.items.filter(
    (item) => firstUnreadSeq !== null && item.seq >= firstUnreadSeq && item.senderId !== meId && item.state === 'sent',
  )
  const next: UnreadLine = { firstUnreadSeq, newCount: messages.hasAfter ? null : unread.length }
  setLine(next)
  return next
}
