import type { ReadEpoch, ReadState, RequestError, Seq } from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import { Retry } from './retry.ts'

/** What was really on the screen, and the epoch of the visit it was seen in. */
export type Seen = { upToSeq: Seq; readEpoch: ReadEpoch }

export type ReadConfirmerOptions = {
  confirm: (seen: Seen) => Promise<ReadState>
  /** Whether a confirmation can go out and means something: connected, and the app in view. */
  canConfirm: () => boolean
  onConfirmed: (state: ReadState, seen: Seen) => void
  /** The token was refused. */
  onUnauthorized: (error: RequestError) => void
  random: () => number
}

/**
 * Tells the server what was read in one room: one confirmation on its way at a time, and of those that gathered
 * meanwhile only the furthest. What could not be told is kept and told when the connection is live again.
 */
export class ReadConfirmer {
  readonly #options: ReadConfirmerOptions
  #wanted: Seen | undefined
  #isUnderWay = false
  readonly #retry: Retry
  #idleWaiters: (() => void)[] = []

  constructor(options: ReadConfirmerOptions) {
    this.#options = options
    this.#retry = new Retry(options)
  }

  seen(seen: Seen): void {
    const wanted = this.#wanted
    if (wanted !== undefined && wanted.readEpoch === seen.readEpoch && wanted.upToSeq >= seen.upToSeq) return
    this.#wanted = seen
    this.#pump()
  }

  /** The connection is live, or the app in view again. */
  resume(): void {
    this.#retry.reset()
    this.#pump()
  }

  /** Forgets what was not told yet: it was marked unread. */
  forget(): void {
    this.#wanted = undefined
    this.#retry.clear()
  }

  /** Resolves when no confirmation is on its way and none can go out right now. */
  idle(): Promise<void> {
    if (!this.#isUnderWay) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  /** Stops the clock; what was not told is kept. */
  pause(): void {
    this.#retry.clear()
  }

  #pump(): void {
    const seen = this.#wanted
    if (seen === undefined || this.#isUnderWay || this.#retry.isSet || !this.#options.canConfirm()) return
    this.#isUnderWay = true
    this.#options.confirm(seen).then(
      (state) => {
        this.#isUnderWay = false
        this.#retry.reset()
        if (this.#wanted === seen) this.#wanted = undefined
        this.#options.onConfirmed(state, seen)
        this.#pump()
        this.#tellIdle()
      },
      (error: unknown) => {
        this.#isUnderWay = false
        this.#refused(seen, error)
        this.#tellIdle()
      },
    )
  }

  #tellIdle(): void {
    if (this.#isUnderWay) return
    for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  #refused(seen: Seen, error: unknown): void {
    if (this.#retry.after(faultFrom(error), () => this.#pump())) return
    // The room is gone, or this was nonsense: telling it again would change nothing.
    if (this.#wanted === seen) this.#wanted = undefined
    this.#pump()
  }
}
