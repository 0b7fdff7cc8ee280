/**
 * How text is found. Words are whatever stands between blanks; a word is found by any part of it, in every script alike,
 * because the index holds the pairs of neighbouring characters: '안녕하세요' as 안녕, 녕하, 하세, 세요 and 요. All pairs of
 * what is searched for have to be there, one letter alone is the beginning of some pair, and what the index finds is
 * looked at once more, because pairs may stand apart.
 */

/** Characters of a text that are found; what comes after them is not. A tsvector has an end, too. */
const INDEXED_CHARS = 20_000

/** A person has seldom more rooms than this; one index then answers for rooms and words together. */
export const MOST_ROOM_TOKENS = 200

/** The form in which texts are compared: compatible characters are one (NFKC), large and small letters are one. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** What is asked for: every one of these has to be in the text. Without doubles, in the order they were typed. */
export function searchTerms(query: string): string[] {
  return [...new Set(wordsOf(comparable(query)))]
}

/** Whether the index can look for any of it: two characters, or one of a script whose letters are words (가, 山). */
export function canSearch(terms: readonly string[]): boolean {
  return terms.some((term) => isIndexed([...term]))
}

/** What the index holds of a message. */
export function indexTokens({ roomId, text }: { roomId: string; text: string }): string[] {
  const tokens = new Set([roomToken(roomId)])
  for (const word of wordsOf(comparable(text.slice(0, INDEXED_CHARS)))) {
    const chars = [...word]
    for (const pair of pairsOf(chars)) tokens.add(pair)
    const last = chars.at(-1)
    if (last !== undefined) tokens.add(last)
  }
  return [...tokens]
}

/**
 * The same as a condition on the index (`tsquery`): all terms, in one of these rooms. Terms that the index cannot look
 * for are left to `hasTerms`.
 * @param roomIds `null`: wherever it is.
 */
export function indexCondition(terms: readonly string[], roomIds: readonly string[] | null): string {
  const pairs = new Set<string>()
  for (const term of terms) {
    const chars = [...term]
    if (!isIndexed(chars)) continue
    if (chars.length === 1) pairs.add(`${quoted(term)}:*`)
    for (const pair of pairsOf(chars)) pairs.add(quoted(pair))
  }
  const rooms = roomIds?.map((roomId) => quoted(roomToken(roomId)))
  return [...pairs, ...(rooms === undefined ? [] : [`(${rooms.join('|')})`])].join('&')
}

/** Whether a text really has all of them. */
export function hasTerms(text: string, terms: readonly string[]): boolean {
  const searched = comparable(text)
  return terms.every((term) => searched.includes(term))
}

/** From `start` to before `end`, in UTF-16 code units. */
export type Span = { start: number; end: number }

/** Where the terms stand in a text as it was written: in order, overlapping ones as one. */
export function findTerms(text: string, terms: readonly string[]): Span[] {
  const { searched, places } = placed(text)
  const found: Span[] = []
  for (const term of terms) {
    for (let at = searched.indexOf(term); at >= 0; at = searched.indexOf(term, at + term.length)) {
      const first = places?.[at]
      const last = places?.[at + term.length - 1]
      if (places === undefined) found.push({ start: at, end: at + term.length })
      else if (first !== undefined && last !== undefined) found.push({ start: first.start, end: last.end })
    }
  }
  return merged(found)
}

const BEFORE_MATCH_CHARS = 40
const EXCERPT_CHARS = 160

/** A piece of the text around the first place, and the places in that piece. */
export function excerptOf(text: string, terms: readonly string[]): { text: string; matches: Span[] } {
  const found = findTerms(text, terms)
  const start = boundary(text, Math.max(0, (found[0]?.start ?? 0) - BEFORE_MATCH_CHARS))
  const end = boundary(text, Math.min(text.length, start + EXCERPT_CHARS))
  const matches = found
    .filter((span) => span.start >= start && span.end <= end)
    .map((span) => ({ start: span.start - start, end: span.end - start }))
  return { text: text.slice(start, end), matches }
}

/** Never between the halves of a surrogate pair. */
function boundary(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}

function wordsOf(searched: string): string[] {
  return searched.split(/\s+/u).filter((word) => word !== '')
}

function pairsOf(chars: readonly string[]): string[] {
  return chars.slice(1).map((char, index) => `${chars[index]}${char}`)
}

function isIndexed(chars: readonly string[]): boolean {
  return chars.length > 1 || /^\p{Lo}$/u.test(chars[0] ?? '')
}

/** Longer than a pair, so that it can be none. */
function roomToken(roomId: string): string {
  return `@@@${roomId}`
}

function quoted(token: string): string {
  return `'${token.replaceAll(/['\\]/g, (char) => char + char)}'`
}

// A letter with what is put on it, and a Korean syllable made of its parts, are one character of the comparable form.
const CHARACTERS = /[\u1100-\u115F][\u1160-\u11A7][\u11A8-\u11FF]?|\P{M}\p{M}*|\p{M}+/gu

/** The comparable form, and for each of its code units where that stood. Without `places`: where it stands. */
function placed(text: string): { searched: string; places?: Span[] } {
  const whole = comparable(text)
  if (whole.length === text.length && text.normalize('NFKC') === text) return { searched: whole }
  const places: Span[] = []
  let searched = ''
  for (const { 0: char, index } of text.matchAll(CHARACTERS)) {
    const part = comparable(char)
    for (let unit = 0; unit < part.length; unit += 1) places.push({ start: index, end: index + char.length })
    searched += part
  }
  return { searched, places }
}

function merged(spans: Span[]): Span[] {
  const inOrder = spans.sort((one, other) => one.start - other.start || one.end - other.end)
  const result: Span[] = []
  for (const span of inOrder) {
    const last = result.at(-1)
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end)
    else result.push({ ...span })
  }
  return result
}
