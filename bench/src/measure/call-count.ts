import { setTimeout as delay } from 'node:timers/promises'
import type { StorageCalls, Storages } from '../servers/storage.ts'

/** What the databases were asked because of a load: all of it, less what they are asked anyway in that time. */
export type CallFigures = StorageCalls & {
  seconds: number
  /** A second, without the load. */
  atRest: StorageCalls
}

type Reading = { atMs: number; calls: StorageCalls }

const REST_SECONDS = 5

/** Counts what a load asks of the databases, every transaction of it and none from before. */
export class CallCount {
  readonly #storages: Storages
  readonly #isShort: boolean
  readonly #before: Reading
  readonly #atRest: StorageCalls

  private constructor(parts: {
    storages: Storages
    isShort: boolean
    before: Reading
    atRest: StorageCalls
  }) {
    this.#storages = parts.storages
    this.#isShort = parts.isShort
    this.#before = parts.before
    this.#atRest = parts.atRest
  }

  /**
   * Waits until everything from before is counted, and looks at what is asked without a load.
   * @param isShort counts without waiting: whether it works, not what it is.
   */
  static async begin(storages: Storages, isShort: boolean): Promise<CallCount> {
    if (!isShort) await storages.untilReported()
    const first = await read(storages)
    await delay(isShort ? 100 : REST_SECONDS * 1_000)
    const before = await read(storages)
    const { seconds, calls } = between(first, before)
    const atRest = mapCalls((what) => calls[what] / seconds)
    return new CallCount({ storages, isShort, before, atRest })
  }

  /** What was asked since `begin`. Below nothing where less was asked than at rest. */
  async end(): Promise<CallFigures> {
    if (!this.#isShort) await this.#storages.untilReported()
    const { seconds, calls } = between(this.#before, await read(this.#storages))
    const net = mapCalls((what) => calls[what] - this.#atRest[what] * seconds)
    return { ...net, seconds, atRest: this.#atRest }
  }
}

async function read(storages: Storages): Promise<Reading> {
  return { calls: await storages.calls(), atMs: performance.now() }
}

function between(from: Reading, to: Reading): { seconds: number; calls: StorageCalls } {
  return {
    seconds: (to.atMs - from.atMs) / 1_000,
    calls: mapCalls((what) => to.calls[what] - from.calls[what]),
  }
}

function mapCalls(of: (what: keyof StorageCalls) => number): StorageCalls {
  return { transactions: of('transactions'), redisCommands: of('redisCommands') }
}
