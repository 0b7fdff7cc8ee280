import type { Bus } from '../bus/bus.ts'
import { readOutboxTail, TAIL_START } from '../store/read-outbox-tail.ts'
import type { OutboxRow } from '../store/read-present-state.ts'
import type { ActionContext } from './context.ts'
import { tellRows } from './tell-rows.ts'

const ROWS_PER_PAGE = 50

/**
 * How a node whose ledger is its own hears of what other nodes commit: it reads their rows of the outbox, done or not,
 * and tells them to its ledger and to the devices here. For a node without Redis, always; for one with Redis while that
 * is away.
 */
export class OutboxTail {
  #position = TAIL_START
  #epoch = 0

  /**
   * Tells what is new, each row once; the first time, and with a new epoch of the ledger, what came within the last 10 s:
   * a database that failed over gives out again numbers of transactions that the old one had given to others.
   *
   * @throws RequestError `storage_unavailable`; the next run tells it.
   */
  async run(ctx: ActionContext, epoch: number): Promise<void> {
    if (epoch !== this.#epoch) this.rest()
    this.#epoch = epoch
    const here = { ...ctx, bus: withoutTheOthers(ctx.bus) }
    let rows: OutboxRow[]
    do {
      const read = await readOutboxTail(ctx.db, this.#position, ROWS_PER_PAGE)
      rows = read.rows
      if (rows.length > 0) await tellRows(here, rows)
      this.#position = read.next
    } while (rows.length === ROWS_PER_PAGE)
  }

  /** Begins anew with the next run: meanwhile another ledger hears of everything. */
  rest(): void {
    this.#position = TAIL_START
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
