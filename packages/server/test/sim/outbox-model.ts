import type { NodeId } from '../../src/core/ledger-step.ts'
import type { ClaimUndone } from '../../src/store/claim-undone.ts'
import type { OutboxRow } from '../../src/store/read-present-state.ts'
import type { BrokenRule } from './broken-rules.ts'
import type { Journal } from './journal.ts'

/** A row of the outbox as the table has it. */
type Entry = OutboxRow & {
  readonly nodeId: NodeId
  readonly createdAtMs: number
  claimedUntilMs: number
  isDone: boolean
}

export type OutboxModelOptions = {
  readonly nowMs: () => number
  readonly journal: Journal
  readonly broken: BrokenRule | undefined
}

type TailRead = { told: string | null; upTo: string | null; afterId: string; limit: number }

/** What a node reads that begins to read, and how long another is believed to live. */
const FRESH_FOR_MS = 10_000
const HEARTBEAT_GOOD_FOR_MS = 3_000

/** What was committed and who says that it was told; and who of the nodes lives. */
export class OutboxModel {
  readonly #options: OutboxModelOptions
  readonly #rows: Entry[] = []
  readonly #heartbeats = new Map<NodeId, number>()
  /** When each node last said that it keeps a ledger of its own. */
  readonly #keptOwnAtMs = new Map<NodeId, number>()

  constructor(options: OutboxModelOptions) {
    this.#options = options
  }

  /** How many commits there were that changed anything. */
  get size(): number {
    return this.#rows.length
  }

  /** @returns the row's id. */
  add(nodeId: NodeId, payload: OutboxRow['payload']): string {
    const id = String(this.#rows.length + 1)
    const isDone = this.#options.broken === 'outbox row done before the merge'
    this.#rows.push({ id, payload, nodeId, createdAtMs: this.#options.nowMs(), claimedUntilMs: 0, isDone })
    return id
  }

  markDone(ids: readonly string[]): void {
    for (const id of ids) this.#rows[Number(id) - 1]!.isDone = true
  }

  /** Every key is cold from now on: no copy is left that could lack a row. */
  closeAll(): void {
    for (const row of this.#rows) row.isDone = true
  }

  /** What other nodes committed since; here rows are committed in the order of their numbers. */
  tail(byNode: NodeId, { told, upTo, afterId, limit }: TailRead): { upTo: string; rows: OutboxRow[] } {
    const end = upTo ?? String(this.#rows.length)
    const rows = this.#rows
      .slice(Math.max(told === null ? this.#firstFresh() : Number(told), Number(afterId)), Number(end))
      .filter(({ nodeId }) => nodeId !== byNode)
    if (rows.length > 0) this.#options.journal.happened('node read in the outbox what others committed')
    return { upTo: end, rows: rows.slice(0, limit).map(({ id, payload }) => ({ id, payload })) }
  }

  #firstFresh(): number {
    const sinceMs = this.#options.nowMs() - FRESH_FOR_MS
    return this.#rows.findLastIndex(({ createdAtMs }) => createdAtMs < sinceMs) + 1
  }

  /** What was committed within so long. */
  within(ms: number): OutboxRow['payload'][] {
    const sinceMs = this.#options.nowMs() - ms
    return this.#rows.filter(({ createdAtMs }) => createdAtMs >= sinceMs).map(({ payload }) => payload)
  }

  beat(nodeId: NodeId, { keepsOwnLedger }: { keepsOwnLedger: boolean }): void {
    const nowMs = this.#options.nowMs()
    this.#heartbeats.set(nodeId, nowMs)
    if (keepsOwnLedger) this.#keptOwnAtMs.set(nodeId, nowMs)
    else this.#keptOwnAtMs.delete(nodeId)
  }

  others(nodeId: NodeId): { hasOthers: boolean; othersKeepOwn: boolean } {
    const sinceMs = this.#options.nowMs() - FRESH_FOR_MS
    const isAmong = (beats: ReadonlyMap<NodeId, number>): boolean =>
      [...beats].some(([other, atMs]) => other !== nodeId && atMs > sinceMs)
    return { hasOthers: isAmong(this.#heartbeats), othersKeepOwn: isAmong(this.#keptOwnAtMs) }
  }

  /** Rows that nobody marked as done for so long, sooner when their node shows no sign of life; the oldest first. */
  claim(byNode: NodeId, { undoneForMs, orphanedForMs, claimMs, limit }: ClaimUndone): OutboxRow[] {
    const { broken, journal } = this.#options
    if (broken === 'lost changes never told again') return []
    const nowMs = this.#options.nowMs()
    const isDue = ({ nodeId, createdAtMs }: Entry): boolean => {
      const isOrphan = nowMs - (this.#heartbeats.get(nodeId) ?? 0) >= HEARTBEAT_GOOD_FOR_MS
      return nowMs - createdAtMs >= (isOrphan ? orphanedForMs : undoneForMs)
    }
    const free = this.#rows.filter((row) => !row.isDone && row.claimedUntilMs <= nowMs && isDue(row))
    const claimed = free.slice(0, limit)
    for (const row of claimed) {
      row.claimedUntilMs = nowMs + claimMs
      const isOwn = row.nodeId === byNode
      journal.happened(isOwn ? 'row told again by its own node' : 'row taken over by another node')
    }
    return claimed.map(({ id, payload }) => ({ id, payload }))
  }
}
