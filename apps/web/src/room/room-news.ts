import type { MessageList, MessageState, PendingMessage, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'

/** What has happened in a room since it was looked at last. */
export type News = {
  /** What others said, oldest first. */
  incoming: readonly SentMessage[]
  /** What was refused of one's own. */
  failed: readonly PendingMessage[]
}

type RoomAtOnce = {
  messages: MessageList
  /** The room's last message; 0: there is none. */
  lastSeq: number
  meId: UserId | undefined
}

const NONE: News = { incoming: [], failed: [] }

/**
 * Tells of each state of a room what is new in it. What was there at first is not, nor are the pages of its history:
 * whoever loads them walks through them.
 */
export function createNews(): (room: RoomAtOnce) => News {
  /** The newest message that was known; `null`: nothing was loaded. */
  let headSeq: number | null = null
  let wasAtHead = false
  let knownFailed: ReadonlySet<string> | null = null
  return ({ messages: { items, hasAfter }, lastSeq, meId }) => {
    const newest = items.findLast((item): item is SentMessage => item.state === 'sent')
    const failed = items.filter((item): item is PendingMessage => item.state === 'failed')
    const before = { headSeq, wasAtHead, knownFailed }
    if (newest !== undefined || lastSeq === 0) headSeq = Math.max(headSeq ?? 0, newest?.seq ?? 0)
    wasAtHead = headSeq !== null && !hasAfter
    knownFailed = new Set(failed.map(({ key }) => key))
    if (before.knownFailed === null) return NONE
    const { knownFailed: failedBefore, headSeq: seenSeq } = before
    const came = (item: MessageState): item is SentMessage =>
      item.state === 'sent' &&
      seenSeq !== null &&
      item.seq > seenSeq &&
      item.senderId !== meId &&
      item.deletedAt === undefined
    return {
      incoming: before.wasAtHead && wasAtHead ? items.filter(came) : [],
      failed: failed.filter(({ key }) => !failedBefore.has(key)),
    }
  }
}
