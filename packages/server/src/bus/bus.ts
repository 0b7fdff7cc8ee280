import type { NodeId } from '../core/ledger-step.ts'
import type { Frame } from './frames.ts'

export type FrameHandler = (frames: readonly Frame[]) => void

/**
 * Frames between nodes. Delivery is at most once: what is lost is healed by the next frame or by the touch, because
 * every frame carries absolute values. What one node sends to all arrives in order, and so does what it sends to a named
 * node; of the two neither waits for the other.
 */
export interface Bus {
  readonly nodeId: NodeId
  /** To the named nodes, or to all, this one included. This node's own handlers run before `send` returns. */
  send(nodes: readonly NodeId[] | 'all', frames: readonly Frame[]): void
  /** @returns the function that ends it. */
  onFrames(handler: FrameHandler): () => void
  close(): Promise<void>
}
