import { RequestError } from '@tally/protocol'
import { retryDelayMs } from './back-off.ts'

export type RetryLaterOptions = {
  /** Ends the waiting: the connection is gone, and what comes after the next one begins anew. */
  signal: AbortSignal
  /** Whether the result is still wanted; looked at before each further try. */
  isWanted: () => boolean
  random: () => number
}

/**
 * Tries until it works, or is not wanted any more, as long as the refusals say `later`.
 * @throws whatever else the task throws.
 */
export async function retryLater(
  task: () => Promise<void>,
  { signal, isWanted, random }: RetryLaterOptions,
): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      return await task()
    } catch (error) {
      if (!(error instanceof RequestError) || error.retry !== 'later') throw error
      await wait(retryDelayMs(error, { failures, random: random() }), signal)
      if (signal.aborted || !isWanted()) return
    }
  }
}

const PAUSE_MS = 3_000

/** Passes on what failed, later: who wants more whenever something changes would ask again at once. */
export async function afterPause(error: unknown): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  throw error
}

/** Resolves after this long, or when `signal` ends the waiting. */
export function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, delayMs)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
