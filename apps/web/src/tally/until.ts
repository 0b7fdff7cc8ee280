import type { Readable } from '@tally/client'

/** The value of a store as soon as it is what `isWanted` asks for; rejects when `signal` is given up. */
export function until<T>(
  store: Readable<T>,
  isWanted: (value: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      unsubscribe()
      signal.removeEventListener('abort', giveUp)
    }
    const giveUp = () => {
      end()
      reject(signal.reason)
    }
    const look = () => {
      const value = store.get()
      if (!isWanted(value)) return
      end()
      resolve(value)
    }
    const unsubscribe = store.subscribe(look)
    signal.addEventListener('abort', giveUp)
    if (signal.aborted) giveUp()
    else look()
  })
}
