import type { Readable } from '../src/readable.ts'

const DEADLINE_MS = 15_000

/** Resolves with the value as soon as the condition holds; rejects, showing the value, when it does not in time. */
export function until<T>(readable: Readable<T>, holds: (value: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop = (): void => {}
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`did not come to hold: ${holds} for ${JSON.stringify(readable.get())}`))
    }, DEADLINE_MS)
    const look = (): void => {
      const value = readable.get()
      if (!holds(value)) return
      clearTimeout(timer)
      stop()
      resolve(value)
    }
    stop = readable.subscribe(look)
    look()
  })
}
