import type { MessageList, RoomHandle } from '@tally/client'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Jump } from './use-jumps.ts'

export type Written = {
  /** Anything at all, since this view of the room was opened. */
  hasWritten: boolean
  /** The last of it, by the key that it keeps when it is stored; `null`: it stands where it stays, or somebody went elsewhere since. */
  writtenKey: string | null
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
  const [written, setWritten] = useState<{ key: string | null; jump: Jump | null }>()
  const latestJump = useRef(jump)
  latestJump.current = jump
  const writer = useMemo((): RoomHandle => {
    const note = (key: string) => setWritten({ key, jump: latestJump.current })
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
  const stays = !hasAfter && items.some(({ key, state }) => key === written?.key && state !== 'sending')
  useEffect(() => {
    if (stays) setWritten({ key: null, jump: latestJump.current })
  }, [stays])
  return {
    writer,
    hasWritten: written !== undefined,
    writtenKey: written?.jump === jump ? written.key : null,
  }
}
