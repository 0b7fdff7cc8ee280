import { performance } from 'node:perf_hooks'
import { nextLoadFactor } from '../core/polling-interval.ts'

/**
 * How loaded this node is, from the share of time its event loop is busy: what stretches the polls of clients. Asked
 * at even intervals by its owner.
 */
export class LoadSampler {
  #last = performance.eventLoopUtilization()
  #factor = 1

  /** To be called at even intervals. */
  sample(): void {
    const now = performance.eventLoopUtilization()
    this.#factor = nextLoadFactor(this.#factor, performance.eventLoopUtilization(now, this.#last).utilization)
    this.#last = now
  }

  /** How much polls are stretched; 1 is not at all. */
  get factor(): number {
    return this.#factor
  }
}
