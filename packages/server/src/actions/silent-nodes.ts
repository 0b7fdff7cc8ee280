import type { UserId } from '@tally/protocol'
import type { NodeId } from '../core/ledger-step.ts'
import { LEASE_TTL_MS } from './leases.ts'

export type SilentNodesOptions = {
  /** Monotonic milliseconds: how long a node has been silent. */
  nowMs: () => number
  /** People who are believed to be here because this node said so. */
  broughtBy: (nodeId: NodeId) => readonly UserId[]
  /**
   * Finds out where these people are, and tells what turned out otherwise.
   * @param silentForMs how long the node was silent that had brought them; `null`: it is heard again.
   * @returns those who were taken to be here, and are nowhere.
   */
  askAnew: (userIds: readonly UserId[], silentForMs: number | null) => Promise<UserId[]>
  isAway: (userId: UserId) => boolean
}

type OtherNode = {
  heardAtMs: number
  /** From when on it is not believed any more. */
  silentAtMs: number
  /** People who were taken to be away because of that. */
  doubted: UserId[]
  /** Until when they are asked about once the node is heard again: the ledger may not know them yet. */
  doubtedUntilMs: number
}

/** A node says that it lives whenever it renews its leases: silent for longer, it has none any more. */
const NODE_SILENT_MS = LEASE_TTL_MS + 5_000
const PEOPLE_PER_QUESTION = 500
/** Several touches: by then the node has asserted everybody's leases anew, and had them warmed. */
const DOUBT_MS = 60_000
const FORGET_NODE_MS = 10 * 60_000

/**
 * The other nodes, and what becomes of the people of one that falls silent: it is not believed any more once its leases
 * must have lapsed, and believed again when it is heard again.
 */
export class SilentNodes {
  readonly #options: SilentNodesOptions
  readonly #nodes = new Map<NodeId, OtherNode>()

  constructor(options: SilentNodesOptions) {
    this.#options = options
  }

  /** Whether no other node was heard of. */
  get isAlone(): boolean {
    return this.#nodes.size === 0
  }

  /** @param believedForMs how long without another word. */
  heard(nodeId: NodeId, believedForMs = NODE_SILENT_MS): void {
    const heardAtMs = this.#options.nowMs()
    const known = this.#nodes.get(nodeId)
    const wasSilent = known !== undefined && heardAtMs >= known.silentAtMs
    this.#nodes.set(nodeId, {
      heardAtMs,
      silentAtMs: heardAtMs + believedForMs,
      doubted: known?.doubted ?? [],
      doubtedUntilMs: wasSilent ? heardAtMs + DOUBT_MS : (known?.doubtedUntilMs ?? heardAtMs),
    })
  }

  /** Looks after the people of all nodes that are silent. To be called every few seconds. */
  async lookAfter(): Promise<void> {
    const { nowMs, broughtBy, askAnew } = this.#options
    for (const [nodeId, { heardAtMs, silentAtMs }] of this.#nodes) {
      if (nowMs() < silentAtMs) continue
      const userIds = broughtBy(nodeId)
      for (let first = 0; first < userIds.length; first += PEOPLE_PER_QUESTION) {
        const gone = await askAnew(userIds.slice(first, first + PEOPLE_PER_QUESTION), nowMs() - heardAtMs)
        this.#nodes.get(nodeId)?.doubted.push(...gone)
      }
      if (userIds.length === 0 && nowMs() - silentAtMs > FORGET_NODE_MS) this.#nodes.delete(nodeId)
    }
  }

  /** The node is heard again: its people may be here after all, as soon as the ledger knows them again. */
  async reconsider(nodeId: NodeId): Promise<void> {
    const { nowMs, askAnew, isAway } = this.#options
    const node = this.#nodes.get(nodeId)
    if (node === undefined || node.doubted.length === 0) return
    const doubted = node.doubted.splice(0)
    await askAnew(doubted, null)
    if (nowMs() < node.doubtedUntilMs) this.#nodes.get(nodeId)?.doubted.push(...doubted.filter(isAway))
  }
}
