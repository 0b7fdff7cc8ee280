import type { Bus, FrameHandler } from '../src/bus/bus.ts'
import type { Frame } from '../src/bus/frames.ts'

/** How long frames of other nodes are collected before they arrive, the last one first. */
const COLLECTED_FOR_MS = 20

/** A bus on which frames of other nodes arrive in the reverse of their order, some at a time. */
export class ReversingBus implements Bus {
  readonly #bus: Bus
  readonly #handlers = new Set<FrameHandler>()
  #collected: Frame[] = []
  #isSending = false

  constructor(bus: Bus) {
    this.#bus = bus
    bus.onFrames((frames) => {
      if (this.#isSending) this.#arrive(frames)
      else this.#collect(frames)
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

  #collect(frames: readonly Frame[]): void {
    if (this.#collected.length === 0) {
      setTimeout(() => {
        const collected = this.#collected
        this.#collected = []
        this.#arrive(collected.reverse())
      }, COLLECTED_FOR_MS)
    }
    this.#collected.push(...frames)
  }

  #arrive(frames: readonly Frame[]): void {
    for (const handler of this.#handlers) handler(frames)
  }
}
