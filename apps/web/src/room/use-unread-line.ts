import type { MessageList } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { useState } from 'react'

type UnreadLine = { firstUnreadSeq: Seq | null; newCount: number | null }

/**
 * Where the "new messages" line stands and what it says: decided once, when the room opens. Messages that arrive while
 * one is looking are not "new" in that sense, and the line must not count on under the reader's eyes.
 * `null`: not decided yet.
 */
export function useUnreadLine(messages: MessageList, meId: UserId | undefined): UnreadLine | null {
  const [line, setLine] = useState<UnreadLine | null>(null)
  if (line !== null) return line
  if (messages.items.length === 0 || meId === undefined) return null
  // Of a long unread stretch the read part comes first: where the line stands is known when both are there.
  if (messages.loading && messages.items.every(({ state }) => state === 'sent')) return null
  const { firstUnreadSeq } = messages
  const unread = messages.items.filter(
    (item) =>
      item.state === 'sent' &&
      firstUnreadSeq !== null &&
      item.seq >= firstUnreadSeq &&
      item.senderId !== meId,
  )
  const next: UnreadLine = { firstUnreadSeq, newCount: messages.hasAfter ? null : unread.length }
  setLine(next)
  return next
}
