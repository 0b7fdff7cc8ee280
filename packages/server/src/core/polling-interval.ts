/** From busy to quiet. */
const INTERVALS_MS = { busy: 1_000, lively: 2_000, quiet: 5_000 } as const

const LONGEST_INTERVAL_MS = 10_000

/** Something changed this recently: the next change is likely to come soon. */
const BUSY_WITHIN_MS = 10_000
const LIVELY_WITHIN_MS = 60_000

const HIGH_LOAD = 0.8
const LOAD_STEP = 1.5
const LONGEST_FACTOR = LONGEST_INTERVAL_MS / INTERVALS_MS.busy

export type PollingActivity = {
  /** Since anything changed for the one who polls; infinite when nothing ever did. */
  readonly lastChangeAgeMs: number
  /** People with a live device in the rooms asked about, the one who polls included. */
  readonly activeUsers: number
  /** From `nextLoadFactor`. */
  readonly loadFactor: number
}

/**
 * When a polling client should ask again, in ms: 1 s where people talk, 2 s where they talked a moment ago, 5 s
 * elsewhere. While somebody else is there too, an answer may come at any moment: one step faster. A loaded server
 * stretches all of it, up to 10 s.
 */
export function pollingIntervalMs({ lastChangeAgeMs, activeUsers, loadFactor }: PollingActivity): number {
  return Math.min(
    LONGEST_INTERVAL_MS,
    Math.round(restingIntervalMs(lastChangeAgeMs, activeUsers) * loadFactor),
  )
}

/**
 * How much polls are stretched, from how much they were and the server's load (0 idle, 1 saturated), to be asked at
 * even intervals: half as much again each time the load is over 80 %, back the same way below. One step at a time,
 * because clients follow a hint only with their next poll.
 */
export function nextLoadFactor(factor: number, load: number): number {
  const next = load > HIGH_LOAD ? factor * LOAD_STEP : factor / LOAD_STEP
  return Math.min(LONGEST_FACTOR, Math.max(1, next))
}

function restingIntervalMs(lastChangeAgeMs: number, activeUsers: number): number {
  const inCompany = activeUsers > 1
  if (lastChangeAgeMs <= BUSY_WITHIN_MS) return INTERVALS_MS.busy
  if (lastChangeAgeMs <= LIVELY_WITHIN_MS) return inCompany ? INTERVALS_MS.busy : INTERVALS_MS.lively
  return inCompany ? INTERVALS_MS.lively : INTERVALS_MS.quiet
}
