/** The server's default limit; its own answer decides. In Unicode code points, as a person would count. */
export const MAX_MESSAGE_CHARS = 4_000

/** The length of a message as it will be stored: trimmed, in code points. */
export function messageLength(text: string): number {
  let length = 0
  for (const _ of text.trim()) length++
  return length
}
