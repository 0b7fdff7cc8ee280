import type { Bus } from '../src/bus/bus.ts'
import type { Frame } from '../src/bus/frames.ts'
import { WrappedBus } from './wrapped-bus.ts'

/** A bus on which frames of other nodes get lost. */
export class LossyBus extends WrappedBus {
  /** Which share of frames gets lost, 0 to 1. */
  loss = 0
  lost = 0
  readonly #random: () => number

  constructor(bus: Bus, random: () => number) {
    super(bus)
    this.#random = random
  }

  protected override fromOthers(frames: readonly Frame[]): void {
    this.arrive(frames.filter(() => this.#arrives()))
  }

  #arrives(): boolean {
    if (this.#random() >= this.loss) return true
    this.lost += 1
    return false
  }
}
