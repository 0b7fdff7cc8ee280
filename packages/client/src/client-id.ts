import type { ClientId } from '@tally/protocol'

const DIGITS = 36
const RANDOM_PARTS = 3
const PART_CHARS = 8

/**
 * A name for a message that its sender never used before: the time, and 124 random bits. The server compares it within
 * one room and one sender only. (`crypto.randomUUID` is missing in React Native and on plain http.)
 */
export function newClientId({
  wallClock,
  random,
}: {
  wallClock: () => Date
  random: () => number
}): ClientId {
  const randomPart = (): string =>
    Math.floor(random() * DIGITS ** PART_CHARS)
      .toString(DIGITS)
      .padStart(PART_CHARS, '0')
  const randomParts = Array.from({ length: RANDOM_PARTS }, randomPart)
  return [wallClock().getTime().toString(DIGITS), ...randomParts].join('-') as ClientId
}
