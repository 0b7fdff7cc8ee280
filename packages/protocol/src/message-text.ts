import { CLIENT_LIMITS } from './client-limits.ts'
import { countChars, isStorable } from './text.ts'

/** A text that may be stored, or why not. */
export type MessageText =
  | { ok: true; text: string }
  | { ok: false; code: 'message_empty' | 'message_too_long' | 'message_malformed' }

/**
 * A message's text as it will be stored: trimmed, not empty, at most `maxChars` code points, without NUL and lone
 * surrogates. Everything else is content and stays as it is: right-to-left marks, combining marks, markup.
 */
export function parseMessageText(raw: string, maxChars: number = CLIENT_LIMITS.messageChars): MessageText {
  const text = raw.trim()
  if (text === '') return { ok: false, code: 'message_empty' }
  if (countChars(text, maxChars) > maxChars) return { ok: false, code: 'message_too_long' }
  if (!isStorable(text)) return { ok: false, code: 'message_malformed' }
  return { ok: true, text }
}
