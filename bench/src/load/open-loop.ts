import { setTimeout as delay } from 'node:timers/promises'

/**
 * Calls `send` once per intended time, at a steady rate, whatever the server does: a slow answer never slows the
 * schedule, so waiting shows up as latency instead of vanishing (no coordinated omission).
 *
 * @param send told its number and its intended time on the clock of `performance.now()`.
 * @returns how far behind schedule the generator itself was at worst, in ms.
 */
export async function openLoop(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  send: (index: number, intendedAtMs: number) => void,
): Promise<{ worstLagMs: number }> {
  const total = Math.round(perSecond * seconds)
  const startMs = performance.now() + START_DELAY_MS
  let worstLagMs = 0
  for (let index = 0; index < total; ) {
    const nowMs = performance.now()
    const intendedAtMs = startMs + (index * 1_000) / perSecond
    if (intendedAtMs <= nowMs) {
      worstLagMs = Math.max(worstLagMs, nowMs - intendedAtMs)
      send(index, intendedAtMs)
      index += 1
    } else {
      // Timers are no finer than a millisecond, and spinning until the moment would take a core from the server: what
      // falls due meanwhile is sent late, and its lateness is part of the latency.
      await delay(Math.max(1, Math.floor(intendedAtMs - nowMs)))
    }
  }
  return { worstLagMs }
}

const START_DELAY_MS = 100
