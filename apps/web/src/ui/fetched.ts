import { useEffect, useReducer } from 'react'

/** Code that is not part of the first load. */
export type Fetched<T> = {
  /** `null` until it is there. */
  get(): T | null
  /** Fetches it, once. */
  fetch(): Promise<T>
}

/** Code that could not be fetched is tried again after so long, by whoever waits for it. */
const RETRY_MS = 2_000
/** Where the browser does not say when it is idle. */
const IDLE_AFTER_MS = 1_000

export function fetched<T>(load: () => Promise<T>): Fetched<T> {
  let code: T | null = null
  let fetching: Promise<T> | null = null
  return {
    get: () => code,
    fetch() {
      fetching ??= load().then(
        (loaded) => {
          code = loaded
          return loaded
        },
        (error: unknown) => {
          fetching = null
          throw error
        },
      )
      return fetching
    },
  }
}

/** Fetches it when the browser has nothing better to do. @returns the function that calls it off. */
export function fetchWhenIdle(code: Fetched<unknown>): () => void {
  // Whoever needs it asks again.
  const act = () => void code.fetch().catch(() => {})
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(act, IDLE_AFTER_MS)
    return () => clearTimeout(timer)
  }
  const id = requestIdleCallback(act)
  return () => cancelIdleCallback(id)
}

/**
 * The code, or `null` while it is not there; fetched once it is wanted. Unlike React's `lazy` it is there at once when it
 * was fetched ahead: `lazy` shows its fallback even then, and React keeps a fallback for 300 ms once it was shown.
 */
export function useFetched<T>(code: Fetched<T>, wanted = true): T | null {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const missing = wanted && code.get() === null
  useEffect(() => {
    if (!missing) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isCurrent = true
    const ask = () => {
      code.fetch().then(
        () => isCurrent && redraw(),
        () => {
          if (isCurrent) timer = setTimeout(ask, RETRY_MS)
        },
      )
    }
    ask()
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [missing, code])
  return wanted ? code.get() : null
}
