import { setTimeout as delay, setImmediate as nextTick } from 'node:timers/promises'

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
    } else if (intendedAtMs - nowMs > TIMER_RESOLUTION_MS) {
      await delay(Math.floor(intendedAtMs - nowMs - TIMER_RESOLUTION_MS / 2))
    } else {
      // Timers are too coarse for the last millisecond; a turn of the event loop lets answers in meanwhile.
      await nextTick()
    }
  }
  return { worstLagMs }
}

const START_DELAY_MS = 100
const TIMER_RESOLUTION_MS = 1.5
