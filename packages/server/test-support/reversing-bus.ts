import type { Frame } from '../src/bus/frames.ts'
import { WrappedBus } from './wrapped-bus.ts'

/** How long frames of other nodes are collected before they arrive, the last one first. */
const COLLECTED_FOR_MS = 20

/** A bus on which frames of other nodes arrive in the reverse of their order, some at a time. */
export class ReversingBus extends WrappedBus {
  #collected: Frame[] = []

  protected override fromOthers(frames: readonly Frame[]): void {
    if (this.#collected.length === 0) {
      setTimeout(() => {
        const collected = this.#collected
        this.#collected = []
        this.arrive(collected.reverse())
      }, COLLECTED_FOR_MS)
    }
    this.#collected.push(...frames)
  }
}
