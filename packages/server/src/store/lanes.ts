import { type Limiter, limitConcurrency, overloaded } from './limit-concurrency.ts'

/** Runs one piece of work of those with the same key at a time. Throws what the work throws, and `overloaded`. */
export type Lanes = <T>(key: string, work: () => Promise<T>) => Promise<T>

type Lane = { run: Limiter; users: number }

/**
 * Lines for work that would wait for other work of its key in any case, as for a lock on a room: in a lane it waits without a
 * connection to the database. In the order it came; with as many as `maxWaiting` of one key, or `mostInAll` of all, the next
 * one is refused.
 */
export function lanes({ maxWaiting, mostInAll }: { maxWaiting: number; mostInAll: number }): Lanes {
  const byKey = new Map<string, Lane>()
  let all = 0
  return async (key, work) => {
    if (all >= mostInAll) throw overloaded()
    const lane = byKey.get(key) ?? { run: limitConcurrency(1, { maxWaiting }), users: 0 }
    byKey.set(key, lane)
    lane.users += 1
    all += 1
    try {
      return await lane.run(work)
    } finally {
      all -= 1
      lane.users -= 1
      if (lane.users === 0) byKey.delete(key)
    }
  }
}
