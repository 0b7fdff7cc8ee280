import type { UserId } from '@tally/protocol'
import {
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IPolicy,
  wrap,
} from 'cockatiel'
import type { LedgerOutcome, LedgerStep } from '../core/ledger-step.ts'
import type { LedgerQuery, LedgerView } from '../core/ledger-view.ts'
import type { WarmAnswer, WarmBeginning, WarmSnapshot } from '../core/warming.ts'
import type { Ledger, LedgerStats } from './ledger.ts'
import { OutdatedCall } from './outdated-call.ts'

/** Who answers: the ledger that all nodes share, or this node's own one while that is away. */
export type LedgerMode = 'shared' | 'own'

export type FallbackLedgerOptions = {
  readonly shared: Ledger
  readonly own: Ledger
  /** Who answers first: `own` where the shared one could not be reached when the node started. */
  readonly mode: LedgerMode
  /** Fails while the shared ledger is away. */
  readonly probe: () => Promise<void>
  /**
   * Makes everything the shared ledger holds cold, because it missed what was committed meanwhile. Nobody uses either
   * ledger while it runs. When it fails, the own ledger goes on.
   */
  readonly beforeReturn: () => Promise<void>
  /** Told after each change: the people who are connected here have to be warmed in the ledger that answers now. */
  readonly onModeChange: (mode: LedgerMode, cause?: unknown) => void
  /**
   * Told when the shared ledger took a call at the second attempt: of the first one it may have done a part, or all, and
   * what that changed was told to nobody. Said at once, and then once a second for as long as it goes on.
   */
  readonly onRepeated?: () => void
  readonly callTimeoutMs?: number
  /** How long calls wait for `beforeReturn` at most. */
  readonly returnTimeoutMs?: number
  /** The pause between two probes. */
  readonly probeEveryMs?: number
}

/** Whoever hears that a call was repeated has work with everybody who is connected. */
const REPEATED_PAUSE_MS = 1_000
/** Short: what was sent when the shared ledger fell silent has to be a badge within a second. */
const CALL_TIMEOUT_MS = 400
/** A call that waits while others are answered waits in line: so many times as long. Giving up a busy Redis makes more work. */
const PATIENCE_IN_LINE = 4
/** One failure is looked at twice: a stall of this very process makes a healthy Redis look late. */
const FAILURES_TO_BREAK = 2
const MAX_CALLS = 256
const MAX_WAITING_CALLS = 10_000
/** Everybody's calls wait meanwhile, and a database that hangs must not hang them too. */
const RETURN_TIMEOUT_MS = 3_000
/** A probe without an answer would be the last one. */
const PROBE_TIMEOUT_MS = 5_000
/** Cheap: while there is no connection a probe fails where it is. */
const PROBE_EVERY_MS = 150

/**
 * The shared ledger for as long as it answers; this node's own one, cold at first, from the moment it does not. A call
 * is answered by one of them: it is never refused because a ledger is away, and whoever calls need not know which one
 * it was. A ledger is a copy, so nothing is carried over: whoever changes the ledger starts with cold keys and warms
 * them from the database, with warm numbers, and so revs, above all that went before.
 */
export class FallbackLedger implements Ledger {
  readonly #options: FallbackLedgerOptions
  readonly #callTimeoutMs: number
  #mode: LedgerMode
  #guard: IPolicy
  /** When the shared ledger answered last, whatever call that was. */
  #answeredAtMs = Number.NEGATIVE_INFINITY
  /** While the shared ledger is being made ready to answer again. */
  #returning: Promise<void> | undefined
  #probeTimer: NodeJS.Timeout | undefined
  /** Runs for a while after it was said that a call was repeated. */
  #repeatedTimer: NodeJS.Timeout | undefined
  #isRepeatedSince = false
  #isClosed = false

  constructor(options: FallbackLedgerOptions) {
    this.#options = options
    this.#callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS
    this.#mode = options.mode
    this.#guard = this.#newGuard()
    if (this.#mode === 'own') this.#probeLater()
  }

  get mode(): LedgerMode {
    return this.#mode
  }

  apply(steps: readonly LedgerStep[]): Promise<LedgerOutcome[]> {
    return this.#ask((ledger) => ledger.apply(steps))
  }

  beginWarm(users: readonly WarmBeginning[]): Promise<WarmAnswer[]> {
    return this.#ask((ledger) => ledger.beginWarm(users))
  }

  finishWarm(users: readonly WarmSnapshot[]): Promise<LedgerOutcome[]> {
    return this.#ask((ledger) => ledger.finishWarm(users))
  }

  read(queries: readonly LedgerQuery[]): Promise<LedgerView[]> {
    return this.#ask((ledger) => ledger.read(queries))
  }

  drop(users: readonly UserId[] | 'all'): Promise<void> {
    return this.#ask((ledger) => ledger.drop(users))
  }

  /** Takes its time: that it is late says nothing about the ledger. */
  stats(): Promise<LedgerStats> {
    const { shared, own } = this.#options
    return (this.#mode === 'shared' ? shared : own).stats()
  }

  /** Looks no longer whether the shared ledger is back. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#probeTimer)
    clearTimeout(this.#repeatedTimer)
  }

  async #ask<T>(call: (ledger: Ledger) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      // When it fails, the own ledger goes on.
      await this.#returning?.catch(() => {})
      if (this.#mode === 'own') return call(this.#options.own)
      const guard = this.#guard
      try {
        const answer = await guard.execute(() => this.#askShared(call))
        if (attempt > 1) this.#noteRepeated()
        return answer
      } catch (error) {
        // Every call may be made twice: steps merge, and a warm number that was seen is seen again. One that was
        // outdated must be, by whoever still wants it: what is given up stays undone.
        if (guard === this.#guard && error instanceof BulkheadRejectedError) this.#fallBack(error)
      }
    }
  }

  async #askShared<T>(call: (ledger: Ledger) => Promise<T>): Promise<T> {
    const limitMs = this.#callTimeoutMs
    const startedAtMs = performance.now()
    const isInLine = () => {
      const nowMs = performance.now()
      return nowMs - this.#answeredAtMs < limitMs && nowMs - startedAtMs < limitMs * PATIENCE_IN_LINE
    }
    const answer = await inTime(call(this.#sharedNow()), { limitMs, mayWait: isInLine })
    this.#answeredAtMs = performance.now()
    return answer
  }

  /** A call that waited in line while the shared ledger went away does not wait for that once more. */
  #sharedNow(): Ledger {
    if (this.#mode !== 'shared') throw new Error('the shared ledger went away')
    return this.#options.shared
  }

  #noteRepeated(): void {
    this.#isRepeatedSince = true
    if (this.#repeatedTimer === undefined) this.#sayRepeated()
  }

  #sayRepeated(): void {
    this.#repeatedTimer = undefined
    if (!this.#isRepeatedSince || this.#isClosed) return
    this.#isRepeatedSince = false
    this.#repeatedTimer = setTimeout(() => this.#sayRepeated(), REPEATED_PAUSE_MS)
    this.#options.onRepeated?.()
  }

  #newGuard(): IPolicy {
    const breaker = circuitBreaker(handleWhen(isFailure), {
      breaker: new ConsecutiveBreaker(FAILURES_TO_BREAK),
      // A guard that broke is thrown away: by the clock of the machine, which may jump, none opens again.
      halfOpenAfter: Number.MAX_SAFE_INTEGER,
    })
    const guard = wrap(breaker, bulkhead(MAX_CALLS, MAX_WAITING_CALLS))
    breaker.onBreak((cause) => {
      if (guard === this.#guard) this.#fallBack('error' in cause ? cause.error : undefined)
    })
    return guard
  }

  #fallBack(cause: unknown): void {
    if (this.#mode === 'own') return
    this.#mode = 'own'
    void this.#options.own.drop('all')
    this.#probeLater()
    this.#options.onModeChange('own', cause)
  }

  #probeLater(): void {
    if (this.#isClosed) return
    this.#probeTimer = setTimeout(async () => {
      try {
        await inTime(this.#options.probe(), { limitMs: PROBE_TIMEOUT_MS })
        this.#returning = this.#return()
        await this.#returning
      } catch {
        this.#probeLater()
      }
    }, this.#options.probeEveryMs ?? PROBE_EVERY_MS)
  }

  async #return(): Promise<void> {
    const { beforeReturn, returnTimeoutMs = RETURN_TIMEOUT_MS } = this.#options
    try {
      await inTime(beforeReturn(), { limitMs: returnTimeoutMs })
    } catch (error) {
      this.#returning = undefined
      throw error
    }
    this.#guard = this.#newGuard()
    this.#mode = 'shared'
    this.#returning = undefined
    void this.#options.own.drop('all')
    this.#options.onModeChange('shared')
  }
}

/** Whether it speaks against the shared ledger. */
function isFailure(error: unknown): boolean {
  return !(error instanceof OutdatedCall)
}

/** A timer this late was kept waiting by this process itself. */
const STALL_MS = 50

/**
 * The answer, if it comes in time. Time in which this process did nothing at all does not count: after a stall a timer
 * fires before the answers are read that came meanwhile.
 *
 * @param options.mayWait asked when the time is up: whether the call gets as much once more.
 * @throws Error when there is none; what becomes of the call is unknown then.
 */
function inTime<T>(
  answer: Promise<T>,
  { limitMs, mayWait = () => false }: { limitMs: number; mayWait?: () => boolean },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout
    const wait = () => {
      const dueAtMs = performance.now() + limitMs
      timer = setTimeout(() => {
        if (performance.now() - dueAtMs > STALL_MS || mayWait()) wait()
        else reject(new Error(`there was no answer within ${limitMs} ms`))
      }, limitMs)
    }
    wait()
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
