import { once } from 'node:events'
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'

/** So many moments, evenly spread over so many ns from `startNs` on, on the clock of `process.hrtime`. */
export type Pace = { startNs: bigint; overNs: bigint; moments: number }

/** Not more often: to be woken costs the load and the server on the same cores more than it makes the load smoother. */
const SHORTEST_TICK_NS = 1_000_000n
/** While this thread sleeps nothing reaches it, so it looks from time to time. */
const LONGEST_SLEEP_NS = 10_000_000n

/**
 * The thread that says when something is due. It sleeps until that very moment, which timers cannot: they are no finer
 * than a millisecond, and what falls due between two of theirs comes late, and two at a time.
 */
async function tick(port: NonNullable<typeof parentPort>): Promise<never> {
  let under: Underway[] = []
  let lastNs = 0n
  for (;;) {
    if (under.length === 0) under = ((await once(port, 'message')) as [Pace]).map(begun)
    for (let news = receiveMessageOnPort(port); news; news = receiveMessageOnPort(port))
      under.push(begun(news.message))
    const [first, ...others] = under.map(nextOf)
    const dueNs = others.reduce((least, next) => (next < least ? next : least), first ?? 0n)
    const tickNs = dueNs < lastNs + SHORTEST_TICK_NS ? lastNs + SHORTEST_TICK_NS : dueNs
    if (!sleepUntil(tickNs)) continue
    lastNs = tickNs
    for (const pace of under) while (pace.told < pace.moments && nextOf(pace) <= tickNs) pace.told += 1
    under = under.filter(({ told, moments }) => told < moments)
    port.postMessage(null)
  }
}

type Underway = Pace & { told: number }

function begun(pace: Pace): Underway {
  return { ...pace, told: 0 }
}

function nextOf({ startNs, overNs, moments, told }: Underway): bigint {
  return startNs + (overNs * BigInt(told)) / BigInt(moments)
}

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** @returns whether the moment has come; otherwise it is worth a look what is new. */
function sleepUntil(atNs: bigint): boolean {
  const restNs = atNs - process.hrtime.bigint()
  if (restNs <= 0n) return true
  Atomics.wait(never, 0, 0, Number(restNs < LONGEST_SLEEP_NS ? restNs : LONGEST_SLEEP_NS) / 1e6)
  return false
}

if (parentPort !== null) await tick(parentPort)
