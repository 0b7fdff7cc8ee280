import { type Limiter, limitConcurrency } from './limit-concurrency.ts'

/** Runs one piece of work of those with the same key at a time. Throws what the work throws, and `overloaded`. */
export type OnePerKey = <T>(key: string, work: () => Promise<T>) => Promise<T>

type Lane = { run: Limiter; users: number }

/**
 * Work that would wait for other work of its key in any case, as for a lock on a room: here it waits without a connection
 * to the database, so that a flood at one key takes one place of the limit, and not all. In the order it came, and with as
 * many as `maxWaiting` of one key the next one is refused.
 */
export function onePerKey(limit: Limiter, { maxWaiting }: { maxWaiting: number }): OnePerKey {
  const lanes = new Map<string, Lane>()
  return async (key, work) => {
    const lane = lanes.get(key) ?? { run: limitConcurrency(1, { maxWaiting }), users: 0 }
    lanes.set(key, lane)
    lane.users += 1
    try {
      return await lane.run(() => limit(work))
    } finally {
      lane.users -= 1
      if (lane.users === 0) lanes.delete(key)
    }
  }
}
