import type { Bus, FrameHandler } from '../src/bus/bus.ts'
import type { Frame } from '../src/bus/frames.ts'

/** A bus on which frames of other nodes get lost. What a node tells itself never leaves it, and arrives. */
export class LossyBus implements Bus {
  /** Which share of frames gets lost, 0 to 1. */
  loss = 0
  lost = 0
  readonly #bus: Bus
  readonly #random: () => number
  readonly #handlers = new Set<FrameHandler>()
  #isSending = false

  constructor(bus: Bus, random: () => number) {
    this.#bus = bus
    this.#random = random
    bus.onFrames((frames) => {
      const arrived = this.#isSending ? frames : frames.filter(() => this.#arrives())
      if (arrived.length > 0) for (const handler of this.#handlers) handler(arrived)
    })
  }

  get nodeId(): string {
    return this.#bus.nodeId
  }

  send(nodes: readonly string[] | 'all', frames: readonly Frame[]): void {
    const wasSending = this.#isSending
    this.#isSending = true
    try {
      this.#bus.send(nodes, frames)
    } finally {
      this.#isSending = wasSending
    }
  }

  onFrames(handler: FrameHandler): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  close(): Promise<void> {
    return this.#bus.close()
  }

  #arrives(): boolean {
    if (this.#random() >= this.loss) return true
    this.lost += 1
    return false
  }
}
