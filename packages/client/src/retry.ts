import type { RequestError } from '@tally/protocol'
import { retryDelayMs } from './back-off.ts'
import { Timer } from './timer.ts'

export type RetryOptions = {
  /** The token was refused. */
  onUnauthorized: (error: RequestError) => void
  random: () => number
}

/** The waits between the tries of one thing: longer each time, until it works. */
export class Retry extends Timer {
  readonly #options: RetryOptions
  #failures = 0

  constructor(options: RetryOptions) {
    super()
    this.#options = options
  }

  /** @returns whether it will be tried again; if not, the refusal is the last word. */
  after(refusal: RequestError, tryAgain: () => void): boolean {
    const { onUnauthorized, random } = this.#options
    const isUnauthorized = refusal.retry === 'after_auth'
    if (!isUnauthorized && refusal.retry !== 'later') return false
    this.set(retryDelayMs(refusal, { failures: this.#failures++, random: random() }), tryAgain)
    if (isUnauthorized) onUnauthorized(refusal)
    return true
  }

  /** It worked, or there is a new reason to think that it will. */
  reset(): void {
    this.clear()
    this.#failures = 0
  }
}
