import { RequestError } from '@tally/protocol'
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
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
  /** One cheap question to the database, on a way of its own: fails while it is away. */
  readonly ask: () => Promise<unknown>
  /** The database hangs: no answer comes any more on the connections there are, the question's among them. */
  readonly onHung: () => void
  readonly tickMs?: number
}

/** So many statements in a row that the database did not answer, and it counts as away. */
const FAILURES_TO_BREAK = 5
const OVERLOADED_RETRY_MS = 500
/**
 * Time is counted in ticks: in a process that stalls itself, however long, none pass while answers wait to be read.
 */
const TICK_MS = 100
/** A statement that takes longer is reason to ask whether the database is there; so is one that is away. */
const ASK_AFTER_TICKS = 5
/** A database that answers neither a question nor anything else for so long hangs. */
const HUNG_AFTER_TICKS = 20

type Running = { readonly sinceTick: number; readonly giveUp: (error: Error) => void }

/**
 * Stands between the server and its database, so that neither drowns. A database that is away, or hangs, refuses at once
 * instead of letting everybody wait for their own timeout, and is asked by nobody but one probe until it answers; a slow
 * one is given as many statements as it has connections, and a bounded queue.
 */
export class DatabaseGuard {
  readonly #options: DatabaseGuardOptions
  readonly #ticking: NodeJS.Timeout
  /** In the order in which they came. */
  readonly #running = new Set<Running>()
  #policy: IPolicy
  #breaker: CircuitBreakerPolicy
  #isAway = false
  #tick = 0
  #question: { readonly sinceTick: number } | undefined
  /** To a statement or to a question. */
  #lastAnswerTick = 0

  constructor(options: DatabaseGuardOptions) {
    this.#options = options
    this.#breaker = this.#newBreaker()
    this.#policy = this.#policyOf(this.#breaker)
    this.#ticking = setInterval(() => this.#onTick(), options.tickMs ?? TICK_MS).unref()
  }

  /** @throws RequestError `storage_unavailable` at once while the database is away, `overloaded`; what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const running = { sinceTick: this.#tick, giveUp: reject }
    this.#running.add(running)
    this.#policy.execute(work).then((value) => {
      this.#lastAnswerTick = this.#tick
      resolve(value)
    }, reject)
    try {
      return await promise
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw storageUnavailable(error)
      if (!(error instanceof BulkheadRejectedError)) throw error
      throw new RequestError('overloaded', { retryAfterMs: OVERLOADED_RETRY_MS, cause: error })
    } finally {
      this.#running.delete(running)
    }
  }

  close(): void {
    clearInterval(this.#ticking)
  }

  #newBreaker(): CircuitBreakerPolicy {
    const breaker = circuitBreaker(
      handleWhen((error) => storageFaultOf(error) === 'unavailable'),
      {
        breaker: new ConsecutiveBreaker(FAILURES_TO_BREAK),
        // By the machine's clock, which may jump: our own question closes it again.
        halfOpenAfter: Number.MAX_SAFE_INTEGER,
      },
    )
    breaker.onBreak(() => {
      if (breaker === this.#breaker) this.#isAway = true
    })
    return breaker
  }

  #policyOf(breaker: CircuitBreakerPolicy): IPolicy {
    return wrap(bulkhead(this.#options.maxRunning, this.#options.maxWaiting), breaker)
  }

  #onTick(): void {
    this.#tick += 1
    if (this.#question !== undefined) {
      // One that answers statements does not hang: the question has no way to it, behind a pooler that is full.
      const silentSince = Math.max(this.#question.sinceTick, this.#lastAnswerTick)
      if (this.#tick - silentSince >= HUNG_AFTER_TICKS) this.#giveUp()
      return
    }
    const [oldest] = this.#running
    const doubtfulSince = this.#isAway ? 0 : oldest?.sinceTick
    if (doubtfulSince === undefined) return
    if (this.#tick - Math.max(doubtfulSince, this.#lastAnswerTick) >= ASK_AFTER_TICKS) void this.#ask()
  }

  async #ask(): Promise<void> {
    const question = { sinceTick: this.#tick }
    this.#question = question
    const isThere = await this.#options.ask().then(
      () => true,
      () => false,
    )
    if (this.#question !== question) return
    this.#question = undefined
    this.#lastAnswerTick = this.#tick
    if (!isThere || !this.#isAway) return
    this.#isAway = false
    this.#breaker = this.#newBreaker()
    this.#policy = this.#policyOf(this.#breaker)
  }

  /** Whether what is under way takes effect nobody knows, as with a connection that breaks. */
  #giveUp(): void {
    this.#question = undefined
    this.#lastAnswerTick = this.#tick
    if (!this.#isAway) this.#breaker.isolate()
    const error = new Error('the database does not answer')
    for (const { giveUp } of this.#running) giveUp(error)
    this.#options.onHung()
  }
}
