import type { UserId } from '@tally/protocol'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { MemoryLedger, type MemoryLedgerOptions } from '../../src/ledger/memory-ledger.ts'

/** A call of the ledger's, as it travels to the server that holds it. */
export type LedgerCall = {
  [M in keyof Ledger]: { readonly method: M; readonly args: Parameters<Ledger[M]> }
}[keyof Ledger]

type Executed = { readonly call: LedgerCall; readonly runId: string; readonly atMs: number }

export type SimulatedRedisOptions = {
  readonly nowMs: () => number
  readonly mergeRule?: MemoryLedgerOptions['mergeRule']
  /** Whether a key that another run of the server held is as good as none. Only a mistake says no. */
  readonly heedsRunId: boolean
}

/**
 * The server that all nodes share: the real ledger behind the rule on `run_id`. Everything it was told is kept in
 * order, so that a standby which is behind can take its place.
 */
export class SimulatedRedis {
  readonly #options: SimulatedRedisOptions
  readonly #told: Executed[] = []
  readonly #heldBy = new Map<UserId, string>()
  #ledger: MemoryLedger
  #clockMs: number | undefined
  #runs = 1
  /** Answers nothing for now, and does later what it was told meanwhile. */
  isHung = false
  /** Refuses connections. */
  isDown = false
  /** Rises when every connection to it broke. */
  connections = 1

  constructor(options: SimulatedRedisOptions) {
    this.#options = options
    this.#ledger = this.#empty()
  }

  get runId(): string {
    return `run-${this.#runs}`
  }

  /** One call, atomic; keys that another run held than the caller knows of are cold. */
  execute(call: LedgerCall, runId: string): Promise<unknown> {
    this.#told.push({ call, runId, atMs: this.#options.nowMs() })
    return this.#execute(call, runId)
  }

  /** Everything is gone; the server goes on. */
  flush(): void {
    this.#told.length = 0
    this.#heldBy.clear()
    this.#ledger = this.#empty()
  }

  /** A new run of the server, with nothing. */
  restartEmpty(): void {
    this.flush()
    this.#runs += 1
    this.connections += 1
  }

  /** A standby takes over that has not heard of the last of what was told. */
  failOver({ behindBy }: { behindBy: number }): void {
    const copied = this.#told.slice(0, Math.max(0, this.#told.length - behindBy))
    this.restartEmpty()
    for (const { call, runId, atMs } of copied) {
      this.#clockMs = atMs
      this.#told.push({ call, runId, atMs })
      void this.#execute(call, runId)
    }
    this.#clockMs = undefined
  }

  #empty(): MemoryLedger {
    const { nowMs, mergeRule } = this.#options
    return new MemoryLedger({
      now: () => this.#clockMs ?? nowMs(),
      ...(mergeRule === undefined ? {} : { mergeRule }),
    })
  }

  #execute(call: LedgerCall, runId: string): Promise<unknown> {
    const [users] = call.args
    if (Array.isArray(users)) {
      for (const user of users) {
        const userId: UserId = typeof user === 'string' ? user : user.userId
        const isHeld = this.#options.heedsRunId && this.#heldBy.get(userId) !== runId
        if (isHeld) void this.#ledger.drop([userId])
        if (isHeld || call.method === 'beginWarm') this.#heldBy.set(userId, runId)
      }
    }
    const method = this.#ledger[call.method] as (...args: unknown[]) => Promise<unknown>
    return method.apply(this.#ledger, [...call.args])
  }
}
