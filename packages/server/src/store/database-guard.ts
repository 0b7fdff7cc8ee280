import { RequestError } from '@tally/protocol'
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IPolicy,
  wrap,
} from 'cockatiel'
import { storageFaultOf, storageUnavailable } from './storage-faults.ts'

export type DatabaseGuardOptions = {
  /** Statements at once: as many as there are connections. */
  readonly maxRunning: number
  /** Statements that wait for a connection; more are refused as `overloaded`. */
  readonly maxWaiting: number
  /** One cheap question to the database: fails while it is away. */
  readonly probe: () => Promise<unknown>
  readonly probeEveryMs?: number
}

/** So many statements in a row that the database did not answer, and it counts as away. */
const FAILURES_TO_BREAK = 5
const PROBE_EVERY_MS = 500
const OVERLOADED_RETRY_MS = 500

/**
 * Stands between the server and its database, so that neither drowns. A database that is away refuses at once instead
 * of letting everybody wait for their own timeout, and is asked by nobody but one probe until it answers; a slow one is
 * given as many statements as it has connections, and a bounded queue.
 */
export class DatabaseGuard {
  readonly #options: DatabaseGuardOptions
  #policy: IPolicy
  #probeTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: DatabaseGuardOptions) {
    this.#options = options
    this.#policy = this.#newPolicy()
  }

  /** @throws RequestError `storage_unavailable` at once while the database is away, `overloaded`; what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#policy.execute(work)
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw storageUnavailable(error)
      if (!(error instanceof BulkheadRejectedError)) throw error
      throw new RequestError('overloaded', { retryAfterMs: OVERLOADED_RETRY_MS, cause: error })
    }
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#probeTimer)
  }

  #newPolicy(): IPolicy {
    const breaker = circuitBreaker(
      handleWhen((error) => storageFaultOf(error) === 'unavailable'),
      {
        breaker: new ConsecutiveBreaker(FAILURES_TO_BREAK),
        // By the machine's clock, which may jump: our own probe closes it again.
        halfOpenAfter: Number.MAX_SAFE_INTEGER,
      },
    )
    breaker.onBreak(() => this.#probeSoon())
    return wrap(bulkhead(this.#options.maxRunning, this.#options.maxWaiting), breaker)
  }

  #probeSoon(): void {
    if (this.#isClosed) return
    this.#probeTimer = setTimeout(() => {
      this.#options.probe().then(
        () => {
          this.#policy = this.#newPolicy()
        },
        () => this.#probeSoon(),
      )
    }, this.#options.probeEveryMs ?? PROBE_EVERY_MS)
  }
}
