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
  const parts = [wallClock().getTime().toString(DIGITS)]
  for (let part = 0; part < RANDOM_PARTS; part++) {
    const number = Math.floor(random() * DIGITS ** PART_CHARS)
    parts.push(number.toString(DIGITS).padStart(PART_CHARS, '0'))
  }
  return parts.join('-') as ClientId
}
