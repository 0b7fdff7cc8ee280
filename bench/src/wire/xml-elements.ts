/** Where something stands in what was read. */
export type Span = { from: number; to: number }

const BYTE = {
  open: 0x3c,
  close: 0x3e,
  slash: 0x2f,
  question: 0x3f,
  quote: 0x22,
  apostrophe: 0x27,
  lastBlank: 0x20,
}
const STREAM = Buffer.from('<stream:stream')

/**
 * The next whole element of a stream of XMPP. The tag that opens the stream counts as one, because it is closed only
 * when the stream ends; blanks and the declaration before it are passed over.
 * @returns undefined when its end has not come yet.
 */
export function nextElement(bytes: Buffer, at: number): Span | undefined {
  const from = startOf(bytes, at)
  if (from === undefined) return undefined
  if (beginsWith(bytes, from, STREAM)) {
    const to = tagEnd(bytes, from)
    return to === undefined ? undefined : { from, to }
  }
  let depth = 0
  for (let tag = from; ; ) {
    const end = tagEnd(bytes, tag)
    if (end === undefined) return undefined
    if (bytes[tag + 1] === BYTE.slash) depth -= 1
    else if (bytes[end - 2] !== BYTE.slash) depth += 1
    // A closing tag of the stream itself is below everything.
    if (depth <= 0) return { from, to: end }
    const next = bytes.indexOf(BYTE.open, end)
    if (next < 0) return undefined
    tag = next
  }
}

export function beginsWith(bytes: Buffer, from: number, words: Buffer): boolean {
  return (
    bytes.length >= from + words.length &&
    bytes.compare(words, 0, words.length, from, from + words.length) === 0
  )
}

/** Past blanks between elements and past `<?xml … ?>`. */
function startOf(bytes: Buffer, at: number): number | undefined {
  let from = at
  for (;;) {
    while (from < bytes.length && (bytes[from] ?? 0) <= BYTE.lastBlank) from += 1
    if (from + 1 >= bytes.length) return undefined
    if (bytes[from + 1] !== BYTE.question) return from
    const end = tagEnd(bytes, from)
    if (end === undefined) return undefined
    from = end
  }
}

/** Behind the bracket that closes a tag: one within quotes does not. */
function tagEnd(bytes: Buffer, from: number): number | undefined {
  let quote = 0
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (quote !== 0) {
      if (byte === quote) quote = 0
    } else if (byte === BYTE.close) return at + 1
    else if (byte === BYTE.quote || byte === BYTE.apostrophe) quote = byte
  }
  return undefined
}
