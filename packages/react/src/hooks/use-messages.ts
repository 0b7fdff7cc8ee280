import type { MessageList, RoomHandle, RoomId } from '@tally/client'
import { useEffect, useMemo } from 'react'
import { useTally } from '../tally-context.ts'
import { useReadable } from './use-readable.ts'

export type Messages = MessageList & {
  handle: RoomHandle
  /**
   * Sends a text; it is in `items` at once.
   * @throws RequestError `message_empty`, `message_malformed`, `limit_exceeded`.
   */
  send: RoomHandle['send']
  /** Loads older messages. Rejects with a `RequestError` when refused. */
  loadBefore: RoomHandle['loadBefore']
  /** To be called with the newest message that was really on the screen; may be called with every step of scrolling. */
  markRead: RoomHandle['markRead']
}

const BEFORE: { readonly value: MessageList } = {
  value: { items: [], hasBefore: false, hasAfter: false, loading: true, firstUnreadSeq: null },
}

/**
 * The messages of a room, oldest first, those on their way included. While a component uses them the room is open:
 * kept current, and left out of the person's badge on every device. Nothing is read by that; see `markRead`.
 *
 * @param options `open: false`: only look at what is there, without the room counting as open.
 */
export function useMessages(roomId: RoomId, { open = true }: { open?: boolean } = {}): Messages {
  const handle = useTally().room(roomId)
  useEffect(() => (open ? handle.open() : undefined), [handle, open])
  const list = useReadable(handle.messages, BEFORE)
  return useMemo(
    () => ({
      ...list,
      handle,
      send: (text, options) => handle.send(text, options),
      loadBefore: () => handle.loadBefore(),
      markRead: (upToSeq) => handle.markRead(upToSeq),
    }),
    [list, handle],
  )
}
