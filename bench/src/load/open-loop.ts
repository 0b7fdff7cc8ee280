import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Pace } from './pacer.ts'

/**
 * Calls `send` once per intended time, at a steady rate, whatever the server does: a slow answer never slows the
 * schedule, so waiting shows up as latency instead of vanishing (no coordinated omission).
 *
 * A thread beside this one wakes it when something is due, once a millisecond at most: more often, or spinning until the
 * moment, would take the processor from the server. What falls due meanwhile is sent late, and its lateness is part of
 * the latency.
 *
 * @param send told its number and its intended time on the clock of `performance.now()`.
 * @returns how far behind schedule each was called, in ms: the generator's own part of every latency.
 */
export async function openLoop(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  send: (index: number, intendedAtMs: number) => void,
): Promise<Float64Array> {
  const lagMs = new Float64Array(Math.round(perSecond * seconds))
  if (lagMs.length === 0) return lagMs
  pacer ??= startPacer()
  const worker = await pacer
  const startMs = performance.now() + START_DELAY_MS
  const intendedAtMs = (index: number): number => startMs + (index * 1_000) / perSecond
  let index = 0
  const overNs = BigInt(Math.round((lagMs.length * 1e9) / perSecond))
  await onEveryTick(worker, { startNs: onPacersClock(startMs), overNs, moments: lagMs.length }, () => {
    for (; index < lagMs.length; index += 1) {
      const lateMs = performance.now() - intendedAtMs(index)
      if (lateMs < 0) return false
      lagMs[index] = lateMs
      send(index, intendedAtMs(index))
    }
    return true
  })
  return lagMs
}

/** @param onTick called at every tick until it says that it is done. */
function onEveryTick(worker: Worker, pace: Pace, onTick: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const listener = (): void => {
    try {
      if (onTick()) resolve()
    } catch (error) {
      reject(error)
    }
  }
  // The pacer's clock is this one's but for what is rounded, so its last tick may come a moment too soon.
  const timer = setInterval(listener, STRAGGLER_MS)
  worker.on('message', listener).on('error', reject).postMessage(pace)
  loops += 1
  worker.ref()
  return promise.finally(() => {
    clearInterval(timer)
    worker.off('message', listener).off('error', reject)
    loops -= 1
    if (loops === 0) worker.unref()
  })
}

/** One for all loops of this process, and how many there are now. */
let pacer: Promise<Worker> | undefined
let loops = 0

async function startPacer(): Promise<Worker> {
  const worker = new Worker(new URL('./pacer.ts', import.meta.url)).setMaxListeners(0)
  await once(worker, 'online')
  return worker
}

function onPacersClock(atMs: number): bigint {
  return process.hrtime.bigint() + BigInt(Math.round((atMs - performance.now()) * 1e6))
}

const START_DELAY_MS = 20
const STRAGGLER_MS = 50
