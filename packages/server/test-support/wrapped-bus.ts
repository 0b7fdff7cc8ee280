import type { Bus, FrameHandler } from '../src/bus/bus.ts'
import type { Frame } from '../src/bus/frames.ts'

/** A bus on which something happens to frames of other nodes. What a node tells itself never leaves it, and arrives. */
export abstract class WrappedBus implements Bus {
  readonly #bus: Bus
  readonly #handlers = new Set<FrameHandler>()
  #isSending = false

  constructor(bus: Bus) {
    this.#bus = bus
    bus.onFrames((frames) => {
      if (this.#isSending) this.arrive(frames)
      else this.fromOthers(frames)
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

  /** What becomes of frames that other nodes sent. */
  protected abstract fromOthers(frames: readonly Frame[]): void

  protected arrive(frames: readonly Frame[]): void {
    if (frames.length > 0) for (const handler of this.#handlers) handler(frames)
  }
}
