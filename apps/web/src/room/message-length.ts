/** The length of a message as it will be stored: trimmed, in Unicode code points. */
export function messageLength(text: string): number {
  let length = 0
  for (const _ of text.trim()) length++
  return length
}
