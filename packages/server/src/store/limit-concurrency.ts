import { RequestError } from '@tally/protocol'

/** Runs one piece of work as soon as there is a place for it. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

/** Some of what waits is done by then. */
const OVERLOADED_RETRY_MS = 1_000

/**
 * At most `places` pieces of work at once, the others in the order they came. With as many as `maxWaiting` of those, the
 * next one is refused.
 *
 * @throws RequestError `overloaded`; what the work throws.
 */
export function limitConcurrency(places: number, { maxWaiting = Number.POSITIVE_INFINITY } = {}): Limiter {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free > 0) free -= 1
    else if (waiting.length < maxWaiting) await new Promise<void>((resolve) => waiting.push(resolve))
    else throw overloaded()
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** What somebody is told for whom there is no room left to wait in. */
export function overloaded(): RequestError {
  return new RequestError('overloaded', { retryAfterMs: OVERLOADED_RETRY_MS })
}
