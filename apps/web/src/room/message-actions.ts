import type { PendingMessage, SentMessage } from '@tally/client'
import type { Seq } from '@tally/protocol'
import { useLayoutEffect, useMemo, useRef } from 'react'
import type { MessageAction } from './message-toolbar.tsx'

/** What can be done with the messages of a history. */
export type MessageActions = {
  onAction: (message: SentMessage, action: MessageAction) => void
  onReact: (message: SentMessage, emoji: string, on: boolean) => void
  onRetry: (message: PendingMessage) => void
  onDiscard: (message: PendingMessage) => void
  /** Takes back what was refused as it is, to be written anew. */
  onRewrite: (message: PendingMessage) => void
  onJump: (seq: Seq) => void
}

/** The same functions for ever, each doing what the latest one does: a message is not drawn anew because of them. */
export function useStableActions(actions: MessageActions): MessageActions {
  const latest = useRef(actions)
  useLayoutEffect(() => {
    latest.current = actions
  })
  return useMemo(
    () => ({
      onAction: (message, action) => latest.current.onAction(message, action),
      onReact: (message, emoji, on) => latest.current.onReact(message, emoji, on),
      onRetry: (message) => latest.current.onRetry(message),
      onDiscard: (message) => latest.current.onDiscard(message),
      onRewrite: (message) => latest.current.onRewrite(message),
      onJump: (seq) => latest.current.onJump(seq),
    }),
    [],
  )
}
