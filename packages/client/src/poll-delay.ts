/** How often to ask where people talk, talked a moment ago, or are quiet. */
const BUSY_MS = 1_000
const LIVELY_MS = 2_000
const QUIET_MS = 5_000
const BUSY_WITHIN_MS = 10_000
const LIVELY_WITHIN_MS = 60_000
/** A hint is the server's business; one beyond these is a mistake. */
const SHORTEST_MS = 250
const LONGEST_MS = 60_000
/** So that clients that began together do not ask together for ever. */
const JITTER = 0.1

/**
 * When to ask again, in ms. The server's hint decides: it knows how busy the rooms are, who else is there, and its own
 * load (1 s to 10 s). Without one (a proxy took the header away) the own activity does: 1 s, 2 s or 5 s.
 *
 * @param hintMs the server's `nextPollMs`, if it gave one.
 * @param sinceMoveMs since the last poll that brought anything; infinite when none did.
 * @param random from 0 to below 1.
 */
export function pollDelayMs({
  hintMs,
  sinceMoveMs,
  random,
}: {
  hintMs: number | undefined
  sinceMoveMs: number
  random: number
}): number {
  const restMs = hintMs ?? ownIntervalMs(sinceMoveMs)
  const spread = 1 + JITTER * (2 * random - 1)
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, restMs)) * spread
}

function ownIntervalMs(sinceMoveMs: number): number {
  if (sinceMoveMs <= BUSY_WITHIN_MS) return BUSY_MS
  return sinceMoveMs <= LIVELY_WITHIN_MS ? LIVELY_MS : QUIET_MS
}
