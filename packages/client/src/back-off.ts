/** The first wait is at most this long; each further one at most twice the one before. */
const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/**
 * How long to wait before the next try: full jitter, so that thousands of clients that lost the same server do not
 * come back in step.
 *
 * @param failures how many tries failed in a row before this wait, not counting the one that just did.
 * @param random from 0 to below 1.
 * @param longestMs what the longest wait is taken from; 30 s unless given.
 */
export function backOffMs({
  failures,
  random,
  longestMs = LONGEST_MS,
}: {
  failures: number
  random: number
  longestMs?: number
}): number {
  return random * Math.min(longestMs, FIRST_MS * 2 ** Math.min(failures, 16))
}

/** How long to wait after a refusal: never shorter than the server asked for. */
export function retryDelayMs(
  { retryAfterMs = 0 }: { retryAfterMs?: number | undefined },
  wait: { failures: number; random: number },
): number {
  return Math.max(retryAfterMs, backOffMs(wait))
}
