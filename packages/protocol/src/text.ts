import { z } from 'zod'

// NUL cannot be stored by PostgreSQL, and half of a surrogate pair has no UTF-8: both would fail deep inside, far
// from the client that sent them. Everything else is content, right-to-left and combining marks included.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it is about
const STORABLE = /^[^\u0000\uD800-\uDFFF]*$/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it is about
const ONE_LINE = /^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uD800-\uDFFF]*$/u

/** Whether a text can be stored and sent as it is: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return STORABLE.test(text)
}

/** A text of several lines, without NUL and lone surrogates; `max` in UTF-16 code units. */
export function multiline(max: number) {
  return z.string().max(max).regex(STORABLE, 'must not contain NUL or half of a surrogate pair')
}

/** A text of one line: neither control characters nor line breaks nor lone surrogates; `max` in UTF-16 code units. */
export function line(max: number, min = 0) {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(ONE_LINE, 'must not contain control characters or half of a surrogate pair')
}

/** Code points of `text`, counted no further than `stopAfter` + 1: a megabyte costs no more than the limit. */
export function countChars(text: string, stopAfter: number): number {
  let chars = 0
  for (const _ of text) {
    chars++
    if (chars > stopAfter) break
  }
  return chars
}
