import type { PairsSeen, PartTimes } from '../load/pairs-load.ts'
import type { Running } from '../servers/contestants.ts'
import { readMetrics } from '../servers/read-metrics.ts'

/** Where the time of one message went on average, in ms; together they are all of it. */
export type Parts = {
  /** The generator's own lateness. */
  generator: number
  /** From the arrival at the edge to the start of the commit: parsing, and waiting for the group before. */
  edge: number
  commit: number
  ledger: number
  /** From the merge to the frame written for the receiver: see `meanParts`, may be off by `noise` and so below 0. */
  fanOut: number
  /** On the wires to the server and from it, and in the queues of both processes. */
  socket: number
}

/** @param noise how much too long or too short the fan-out may be, in ms, and the socket the other way round. */
export type MeasuredParts = Parts & { noise: number }

/** The server's own sum of how long badges took, from acceptance to the frame. */
export type BadgeClock = { seconds: number; count: number }

export async function readBadgeClock({ servers }: Running): Promise<BadgeClock> {
  const clock = { seconds: 0, count: 0 }
  for (const { metricsUrl } of servers) {
    if (metricsUrl === undefined) continue
    const value = await readMetrics(metricsUrl)
    clock.seconds += value('tally_badge_latency_seconds_sum')
    clock.count += value('tally_badge_latency_seconds_count')
  }
  return clock
}

/** Two of them on either side hold 95 of 100 means. */
const STANDARD_ERRORS = 2

/**
 * No frame says when it was written. Of every badge of the step the server adds up how long it took, from acceptance to
 * frame; what sampled frames say of edge, commit and ledger is taken from the mean of that, and the fan-out is left.
 * @param before and after read around the load. @returns undefined where the server said nothing.
 */
export function meanParts(
  seen: readonly Pick<PairsSeen, 'timings'>[],
  before: BadgeClock,
  after: BadgeClock,
): MeasuredParts | undefined {
  const timings = seen.flatMap(({ timings }) => timings)
  const count = after.count - before.count
  if (timings.length === 0 || count === 0) return undefined
  const mean = (of: (timing: PartTimes) => number): number =>
    timings.reduce((sum, timing) => sum + of(timing), 0) / timings.length
  const upToMerge = ({ edgeMs, commitMs, ledgerMs }: PartTimes): number => edgeMs + commitMs + ledgerMs
  const meanUpToMerge = mean(upToMerge)
  const variance =
    timings.reduce((sum, timing) => sum + (upToMerge(timing) - meanUpToMerge) ** 2, 0) /
    Math.max(1, timings.length - 1)
  const inServer = ((after.seconds - before.seconds) * 1_000) / count
  return {
    generator: mean(({ lagMs }) => lagMs),
    edge: mean(({ edgeMs }) => edgeMs),
    commit: mean(({ commitMs }) => commitMs),
    ledger: mean(({ ledgerMs }) => ledgerMs),
    fanOut: inServer - meanUpToMerge,
    socket: mean(({ totalMs, lagMs }) => totalMs - lagMs) - inServer,
    noise: STANDARD_ERRORS * Math.sqrt(variance / timings.length),
  }
}
