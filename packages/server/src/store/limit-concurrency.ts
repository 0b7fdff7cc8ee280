/** Runs one piece of work as soon as there is a place for it. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

/** At most `places` pieces of work at once, the others in the order they came. */
export function limitConcurrency(places: number): Limiter {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
