import { once } from 'node:events'
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'

/** When something is due, again and again: on the clock of `process.hrtime`, in ns. */
export type Pace = { nextNs: bigint; everyNs: bigint; times: number }

/** Not more often: to be woken costs the load and the server on the same cores more than it makes the load smoother. */
const SHORTEST_TICK_NS = 1_000_000n
/** While this thread sleeps nothing reaches it, so it looks from time to time. */
const LONGEST_SLEEP_NS = 10_000_000n

/**
 * The thread that says when something is due. It sleeps until that very moment, which timers cannot: they are no finer
 * than a millisecond, and what falls due between two of theirs comes late, and two at a time.
 */
async function tick(port: NonNullable<typeof parentPort>): Promise<never> {
  let paces: Pace[] = []
  let lastNs = 0n
  for (;;) {
    if (paces.length === 0) paces = (await once(port, 'message')) as [Pace]
    for (let news = receiveMessageOnPort(port); news; news = receiveMessageOnPort(port))
      paces.push(news.message)
    const dueNs = paces.reduce(
      (least, { nextNs }) => (nextNs < least ? nextNs : least),
      paces[0]?.nextNs ?? 0n,
    )
    const tickNs = dueNs < lastNs + SHORTEST_TICK_NS ? lastNs + SHORTEST_TICK_NS : dueNs
    if (!sleepUntil(tickNs)) continue
    lastNs = tickNs
    for (const pace of paces) advance(pace, tickNs)
    paces = paces.filter(({ times }) => times > 0)
    port.postMessage(null)
  }
}

function advance(pace: Pace, nowNs: bigint): void {
  for (; pace.nextNs <= nowNs && pace.times > 0; pace.times -= 1) pace.nextNs += pace.everyNs
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
