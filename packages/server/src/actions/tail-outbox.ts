import type { Bus } from '../bus/bus.ts'
import { readOutboxTail } from '../store/read-outbox-tail.ts'
import type { ActionContext } from './context.ts'
import { tellRows } from './tell-rows.ts'

const ROWS_PER_PAGE = 50
/** What a run does at most: the next one goes on where it ended. */
const PAGES_PER_RUN = 40

/**
 * How a node whose ledger is its own hears of what other nodes commit: it reads their rows of the outbox, done or not,
 * and tells them to its ledger and to the devices here. For a node without Redis, always; for one with Redis while that
 * is away.
 */
export class OutboxTail {
  /** Rows up to here are told or older than this tail. */
  #afterId: number | null = null
  /** Those above it that are told. */
  readonly #seenIds = new Set<string>()

  /**
   * Tells what is new; the first time, what came within the last 10 s.
   * @throws RequestError `storage_unavailable`; the next run tells it.
   */
  async run(ctx: ActionContext): Promise<void> {
    const here = { ...ctx, bus: withoutTheOthers(ctx.bus) }
    for (let page = 0; page < PAGES_PER_RUN; page += 1) {
      const seenIds = [...this.#seenIds]
      const read = await readOutboxTail(ctx.db, { afterId: this.#afterId, seenIds, limit: ROWS_PER_PAGE })
      this.#afterId ??= read.settledId
      if (read.rows.length > 0) await tellRows(here, read.rows)
      for (const { id } of read.rows) this.#seenIds.add(id)
      if (read.rows.length < ROWS_PER_PAGE) {
        this.#settle(read.settledId)
        return
      }
    }
  }

  /** Begins anew with the next run: meanwhile another ledger hears of everything. */
  rest(): void {
    this.#afterId = null
    this.#seenIds.clear()
  }

  /** Everything up to here is told; nothing more of it can come. */
  #settle(settledId: number): void {
    this.#afterId = Math.max(this.#afterId ?? 0, settledId)
    for (const id of this.#seenIds) if (Number(id) <= this.#afterId) this.#seenIds.delete(id)
  }
}

/**
 * What is for all nodes each reads for itself. What a ledger says of one person it says once, whoever asked: that goes
 * where the ledger knows them to be, and of other nodes it knows only if they share it.
 */
function withoutTheOthers(bus: Bus): Bus {
  return {
    nodeId: bus.nodeId,
    send: (nodes, frames) => bus.send(nodes === 'all' ? [bus.nodeId] : nodes, frames),
    onFrames: (handler) => bus.onFrames(handler),
    close: () => bus.close(),
  }
}
