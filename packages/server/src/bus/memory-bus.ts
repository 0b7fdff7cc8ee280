import type { NodeId } from '../core/ledger-step.ts'
import type { Bus, FrameHandler } from './bus.ts'
import type { Frame } from './frames.ts'

/** Joins the nodes of one process. A server alone has one with itself on it. */
export class MemoryExchange {
  readonly #nodes = new Map<NodeId, MemoryBus>()

  /** @throws when the id is taken: two nodes of one name would steal each other's frames. */
  join(nodeId: NodeId): MemoryBus {
    if (this.#nodes.has(nodeId)) throw new Error(`node ${nodeId} is already on this exchange`)
    const bus = new MemoryBus(nodeId, this)
    this.#nodes.set(nodeId, bus)
    return bus
  }

  leave(nodeId: NodeId): void {
    this.#nodes.delete(nodeId)
  }

  route(nodes: readonly NodeId[] | 'all', frames: readonly Frame[]): void {
    if (nodes === 'all') {
      for (const bus of this.#nodes.values()) bus.receive(frames)
      return
    }
    for (const nodeId of nodes) this.#nodes.get(nodeId)?.receive(frames)
  }
}

export class MemoryBus implements Bus {
  readonly nodeId: NodeId
  readonly #exchange: MemoryExchange
  readonly #handlers = new Set<FrameHandler>()

  constructor(nodeId: NodeId, exchange: MemoryExchange) {
    this.nodeId = nodeId
    this.#exchange = exchange
  }

  send(nodes: readonly NodeId[] | 'all', frames: readonly Frame[]): void {
    if (frames.length > 0) this.#exchange.route(nodes, frames)
  }

  onFrames(handler: FrameHandler): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  receive(frames: readonly Frame[]): void {
    for (const handler of this.#handlers) handler(frames)
  }

  async close(): Promise<void> {
    this.#handlers.clear()
    this.#exchange.leave(this.nodeId)
  }
}
