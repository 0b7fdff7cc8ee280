import { setTimeout as delay } from 'node:timers/promises'

/**
 * Calls `send` once per intended time, at a steady rate, whatever the server does: a slow answer never slows the
 * schedule, so waiting shows up as latency instead of vanishing (no coordinated omission).
 *
 * Timers are no finer than a millisecond, and spinning until the moment would take a core from the server: what falls
 * due meanwhile is sent late, and its lateness is part of the latency.
 *
 * @param send told its number and its intended time on the clock of `performance.now()`.
 * @returns how far behind schedule each was called, in ms: the generator's own part of every latency.
 */
export async function openLoop(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  send: (index: number, intendedAtMs: number) => void,
): Promise<Float64Array> {
  const lagMs = new Float64Array(Math.round(perSecond * seconds))
  const startMs = performance.now() + START_DELAY_MS
  for (let index = 0; index < lagMs.length; ) {
    const nowMs = performance.now()
    const intendedAtMs = startMs + (index * 1_000) / perSecond
    if (intendedAtMs <= nowMs) {
      lagMs[index] = nowMs - intendedAtMs
      send(index, intendedAtMs)
      index += 1
    } else {
      await delay(Math.max(1, Math.floor(intendedAtMs - nowMs)))
    }
  }
  return lagMs
}

const START_DELAY_MS = 20
