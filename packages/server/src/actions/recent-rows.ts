import { setTimeout as delay } from 'node:timers/promises'
import type { UserId } from '@tally/protocol'

/** Somebody whose copy was made anew, a rev of the new one, and when it had that: in monotonic milliseconds. */
export type Renewed = { readonly userId: UserId; readonly rev: number; readonly atMs: number }

/** Copies are made anew in batches that come close upon each other: the looks for them do not. */
const PAUSE_MS = 200

/**
 * Tells people with new copies the rows that changed lately, one look at the database at a time: it costs nearly the same
 * for one of them as for a thousand, so whoever comes while a look is under way shares the next one.
 */
export class RecentRows {
  readonly #tellNow: (people: readonly Renewed[]) => Promise<void>
  readonly #waiting = new Map<UserId, Renewed>()
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(tellNow: (people: readonly Renewed[]) => Promise<void>) {
    this.#tellNow = tellNow
  }

  /** @throws what the look fails with that these people are part of. */
  async tell(people: readonly Omit<Renewed, 'atMs'>[]): Promise<void> {
    if (people.length === 0) return
    const atMs = performance.now()
    for (const one of people) this.#waiting.set(one.userId, { ...one, atMs })
    this.#next ??= this.#running.then(() => this.#tellWaiting())
    await this.#next
  }

  #tellWaiting(): Promise<void> {
    const people = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#next = undefined
    const telling = this.#tellNow(people)
    this.#running = telling.catch(() => {}).then(() => delay(PAUSE_MS, undefined, { ref: false }))
    return telling
  }
}
