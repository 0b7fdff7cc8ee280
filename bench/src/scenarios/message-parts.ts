import type { PairsSeen } from '../load/pairs-load.ts'
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
  /** From the merge to the frame written for the receiver. */
  fanOut: number
  /** On the wires to the server and from it, and in the queues of both processes. */
  socket: number
}

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

/** @param before and after read around the load. @returns undefined where the server said nothing. */
export function meanParts(
  seen: readonly PairsSeen[],
  before: BadgeClock,
  after: BadgeClock,
): Parts | undefined {
  const timings = seen.flatMap(({ timings }) => timings)
  const count = after.count - before.count
  if (timings.length === 0 || count === 0) return undefined
  const mean = (key: keyof (typeof timings)[number]): number =>
    timings.reduce((sum, timing) => sum + timing[key], 0) / timings.length
  const [edge, commit, ledger, generator] = [
    mean('edgeMs'),
    mean('commitMs'),
    mean('ledgerMs'),
    mean('lagMs'),
  ]
  const inServer = ((after.seconds - before.seconds) * 1_000) / count
  const fanOut = Math.max(0, inServer - edge - commit - ledger)
  const socket = Math.max(0, mean('totalMs') - generator - edge - commit - ledger - fanOut)
  return { generator, edge, commit, ledger, fanOut, socket }
}
