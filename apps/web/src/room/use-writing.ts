import type { MessageList, RoomHandle } from '@tally/client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Jump } from './use-jumps.ts'

export type Written = {
  /** Anything at all, since this view of the room was opened. */
  hasWritten: boolean
  /** The last of it, by the key that it keeps when it is stored; `null`: it stands where it stays, or somebody went elsewhere since. */
  writtenKey: string | null
  /** They move through the history by hand. */
  onMove: () => void
}

/**
 * The room as one writes into it from this view, and what was written, until it stands at the end of the history: where
 * that is not loaded, a message is nowhere for a moment between being sent and being there. What another tab sends is none
 * of it.
 */
export function useWriting(
  handle: RoomHandle,
  { items, hasAfter, jump }: Pick<MessageList, 'items' | 'hasAfter'> & { jump: Jump | null },
): Written & { writer: RoomHandle } {
  const [written, setWritten] = useState<{ key: string; jump: Jump | null; isDone: boolean }>()
  const latestJump = useRef(jump)
  latestJump.current = jump
  const writer = useMemo((): RoomHandle => {
    const note = (key: string) => setWritten({ key, jump: latestJump.current, isDone: false })
    return {
      ...handle,
      send: (text, options) => {
        const message = handle.send(text, options)
        note(message.key)
        return message
      },
      retry: (clientId) => {
        handle.retry(clientId)
        note(clientId)
      },
    }
  }, [handle])
  const done = useCallback((key?: string) => {
    setWritten((now) => {
      if (now === undefined || now.isDone) return now
      return (key ?? now.key) === now.key ? { ...now, isDone: true } : now
    })
  }, [])
  const settled = hasAfter ? undefined : items.find(({ key }) => key === written?.key)
  const settledKey = settled?.state === 'sending' ? undefined : settled?.key
  useEffect(() => {
    if (settledKey !== undefined) done(settledKey)
  }, [settledKey, done])
  return {
    writer,
    hasWritten: written !== undefined,
    writtenKey: written?.isDone === false && written.jump === jump ? written.key : null,
    onMove: done,
  }
}
