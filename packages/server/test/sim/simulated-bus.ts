import type { Bus, FrameHandler } from '../../src/bus/bus.ts'
import type { Frame } from '../../src/bus/frames.ts'
import type { NodeId } from '../../src/core/ledger-step.ts'
import type { Link } from './link.ts'

/** Who is there to get frames. */
export type Exchange = Map<NodeId, (frames: readonly Frame[]) => void>

const USUAL_MS = 6
const LATE_MS = 1_500

/** One node's end of the bus: its own handlers at once, the others some time later, perhaps never, perhaps twice. */
export function connectBus(nodeId: NodeId, { exchange, link }: { exchange: Exchange; link: Link }): Bus {
  const handlers = new Set<FrameHandler>()
  const receive = (frames: readonly Frame[]): void => {
    for (const handler of handlers) handler(frames)
  }
  exchange.set(nodeId, receive)

  const travel = (other: NodeId, text: string): void => {
    const { faults, chance, time } = link
    if (faults.strikes('bus frames lost')) return
    const copies = faults.strikes('bus frames doubled') ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = faults.strikes('bus frames late') ? chance.below(LATE_MS) : 0
      time.after(1 + chance.below(USUAL_MS) + lateMs, () => exchange.get(other)?.(JSON.parse(text)))
    }
  }

  return {
    nodeId,
    send(nodes, frames) {
      // A node that was killed says nothing more.
      if (frames.length === 0 || !exchange.has(nodeId)) return
      const targets = nodes === 'all' ? [...exchange.keys()] : nodes
      const text = JSON.stringify(frames)
      for (const target of targets) {
        if (target === nodeId) receive(frames)
        else if (exchange.has(target)) travel(target, text)
      }
    },
    onFrames(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    close: () => Promise.resolve(),
  }
}
