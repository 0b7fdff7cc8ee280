import type { PendingMessage } from '@tally/client'
import type { ErrorCode } from '@tally/protocol'
import type { MessageActions } from './message-actions.ts'
import type { SendFailure } from './message-meta.tsx'

/** Refusals of what was written itself: any other may be over by the next time. */
const OF_THE_MESSAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_request',
  'message_empty',
  'message_too_long',
  'message_malformed',
  'message_not_found',
  'attachment_not_found',
  'attachment_refused',
  'payload_too_large',
  'client_id_conflict',
])

/** What can be done about a message that was not sent; `undefined`: it may still be. */
export function sendFailureOf(message: PendingMessage, actions: MessageActions): SendFailure | undefined {
  if (message.state !== 'failed') return undefined
  const { error, text } = message
  const isFinal = error !== undefined && OF_THE_MESSAGE.has(error.code)
  return {
    error,
    onRetry: isFinal ? null : () => actions.onRetry(message),
    onRewrite: isFinal && text !== '' ? () => actions.onRewrite(message) : null,
    onDiscard: () => actions.onDiscard(message),
  }
}
