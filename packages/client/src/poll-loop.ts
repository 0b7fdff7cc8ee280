import { CLIENT_LIMITS } from '@tally/protocol'
import { faultFrom, isFault } from './connection-fault.ts'
import { pollDelayMs } from './poll-delay.ts'
import { Timer } from './timer.ts'

/** What one poll found out. */
export type Polled = {
  /** Whether it brought anything. */
  moved: boolean
  /** When the server would like to be asked again. */
  hintMs: number | undefined
}

export type PollLoopOptions = {
  /** One poll, that waits this long at the server for something to tell. */
  poll: (options: { waitSeconds: number; signal: AbortSignal }) => Promise<Polled>
  /** A poll failed; the loop has ended. */
  onFault: (error: unknown) => void
  /** Whether polls may wait at the server. */
  longPoll: boolean
  /** Monotonic milliseconds. */
  nowMs: () => number
  random: () => number
}

/** Between two polls where the first one brought something: what comes in a burst comes together. */
const BURST_MS = 250
/** Waiting requests cut off in a row: once may have been the network. */
const MAX_CUTS = 2

/**
 * Asks again and again, one poll at a time. Where the host lets requests wait, each waits at the server until there is
 * something to tell; elsewhere it asks in intervals. A host that cuts waiting requests off, one after the other, is not
 * asked to wait again, and one that answers them at once is asked in intervals.
 */
export class PollLoop {
  readonly #options: PollLoopOptions
  readonly #timer = new Timer()
  #cuts = 0
  /** The last one was cut off: one that does not wait shows whether anybody is there. */
  #wasCut = false
  #isRunning = false
  #isPaused = false
  #underWay: AbortController | undefined
  /** Something happened that the poll under way may not tell. */
  #isStale = false
  #movedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: PollLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#isRunning = true
    this.#askIn(0)
  }

  stop(): void {
    this.#isRunning = false
    this.#timer.clear()
    this.#underWay?.abort()
  }

  /** Nobody looks: nothing is asked until somebody does. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (!isPaused) {
      this.#askIn(0)
      return
    }
    this.#timer.clear()
    this.#underWay?.abort()
  }

  /** Something was done here that the next poll will show. */
  soon(): void {
    if (this.#timer.isSet) this.#askIn(BURST_MS)
    else this.#isStale = true
  }

  /** The question changed: one that waits at the server is asked anew. */
  askAnew(): void {
    this.#isStale = true
    if (this.#underWay === undefined) this.#askIn(0)
    else this.#underWay.abort()
  }

  #askIn(delayMs: number): void {
    if (!this.#isRunning || this.#isPaused || this.#underWay !== undefined) return
    this.#timer.set(delayMs, () => void this.#ask())
  }

  async #ask(): Promise<void> {
    const { poll, nowMs, longPoll } = this.#options
    const abort = new AbortController()
    const mayWait = longPoll && !this.#wasCut && this.#cuts < MAX_CUTS
    const waitSeconds = mayWait ? CLIENT_LIMITS.syncWaitSeconds : 0
    const askedAtMs = nowMs()
    this.#underWay = abort
    this.#isStale = false
    try {
      const polled = await poll({ waitSeconds, signal: abort.signal })
      this.#underWay = undefined
      this.#wasCut = false
      if (mayWait) this.#cuts = 0
      if (polled.moved) this.#movedAtMs = nowMs()
      this.#askIn(this.#delayAfter(polled, { waitSeconds, tookMs: nowMs() - askedAtMs }))
    } catch (error) {
      this.#underWay = undefined
      if (abort.signal.aborted) this.#askIn(0)
      else this.#failed(error, mayWait)
    }
  }

  #delayAfter(polled: Polled, { waitSeconds, tookMs }: { waitSeconds: number; tookMs: number }): number {
    if (this.#isStale) return BURST_MS
    const hasWaited = waitSeconds > 0 && tookMs >= (waitSeconds * 1_000) / 2
    if (hasWaited || (waitSeconds > 0 && polled.moved)) return BURST_MS
    const { nowMs, random } = this.#options
    const sinceMoveMs = nowMs() - this.#movedAtMs
    return pollDelayMs({ hintMs: polled.hintMs, sinceMoveMs, random: random() })
  }

  /** Perhaps it was only the waiting that the host does not allow; asked without, it shows. A refusal says what it says. */
  #failed(error: unknown, hasWaited: boolean): void {
    if (hasWaited && isFault(faultFrom(error))) {
      this.#cuts++
      this.#wasCut = true
      this.#askIn(BURST_MS)
      return
    }
    this.#isRunning = false
    this.#options.onFault(error)
  }
}
