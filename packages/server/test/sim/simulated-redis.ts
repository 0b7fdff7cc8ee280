import type { UserId } from '@tally/protocol'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { MemoryLedger } from '../../src/ledger/memory-ledger.ts'
import { OutdatedCall } from '../../src/ledger/outdated-call.ts'
import { type BrokenRule, mergeRuleOf } from './broken-rules.ts'

/** A call of the ledger's, as it travels to the server that holds it. */
export type LedgerCall = {
  [M in keyof Ledger]: { readonly method: M; readonly args: Parameters<Ledger[M]> }
}[keyof Ledger]

/** What a caller knows of the ledger: keys of another run, or of an earlier epoch, are cold to it. */
export type LedgerCaller = { readonly runId: string; readonly epoch: number }

type Executed = { readonly call: LedgerCall; readonly caller: LedgerCaller; readonly atMs: number }
type Key = { runId: string; warm: number; epoch: number }

export type SimulatedRedisOptions = {
  readonly nowMs: () => number
  readonly broken: BrokenRule | undefined
}

/**
 * The server that all nodes share: the real ledger behind the rule on `run_id`. Everything it was told is kept in
 * order, so that a standby which is behind can take its place.
 */
export class SimulatedRedis {
  readonly #options: SimulatedRedisOptions
  readonly #told: Executed[] = []
  readonly #keys = new Map<UserId, Key>()
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

  /**
   * One call, atomic; keys that another run held than the caller knows of, or of an earlier epoch, are cold.
   * @throws OutdatedCall when a key knows of a later epoch than the caller.
   */
  execute(call: LedgerCall, caller: LedgerCaller): Promise<unknown> {
    this.#told.push({ call, caller, atMs: this.#options.nowMs() })
    return this.#execute(call, caller)
  }

  /** Everything is gone; the server goes on. */
  flush(): void {
    this.#told.length = 0
    this.#keys.clear()
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
    for (const { call, caller, atMs } of copied) {
      this.#clockMs = atMs
      this.#told.push({ call, caller, atMs })
      this.#execute(call, caller).catch(() => {})
    }
    this.#clockMs = undefined
  }

  #empty(): MemoryLedger {
    const { nowMs, broken } = this.#options
    return new MemoryLedger({ now: () => this.#clockMs ?? nowMs(), mergeRule: mergeRuleOf(broken) })
  }

  #execute(call: LedgerCall, caller: LedgerCaller): Promise<unknown> {
    const [users] = call.args
    if (Array.isArray(users)) {
      const userIds = users.map((user) => (typeof user === 'string' ? user : user.userId))
      for (const userId of userIds) this.#makeColdFor(caller, userId)
      const epochs = userIds.map((userId) => this.#epochFor(caller, userId))
      const newest = Math.max(0, ...epochs)
      if (newest > caller.epoch) return Promise.reject(new OutdatedCall(newest))
    }
    if (call.method === 'beginWarm') return this.#beginWarm(call.args, caller)
    const method = this.#ledger[call.method] as (...args: unknown[]) => Promise<unknown>
    return method.apply(this.#ledger, [...call.args])
  }

  #makeColdFor({ runId, epoch }: LedgerCaller, userId: UserId): void {
    const key = this.#keys.get(userId)
    if (key === undefined) return
    const { broken } = this.#options
    const isOfThisRun = key.runId === runId || broken === 'key used though another run held it'
    const isOfThisEpoch = key.warm > epoch || broken === 'key used though its epoch is over'
    if (isOfThisRun && isOfThisEpoch) return
    void this.#ledger.drop([userId])
    this.#keys.delete(userId)
  }

  /** The epoch that a key belongs to, from now on: the latest that any caller knew of. */
  #epochFor({ epoch }: LedgerCaller, userId: UserId): number {
    const key = this.#keys.get(userId)
    if (key === undefined) return 0
    key.epoch = Math.max(key.epoch, epoch)
    return key.epoch
  }

  #beginWarm(args: Parameters<Ledger['beginWarm']>, { runId, epoch }: LedgerCaller): Promise<unknown> {
    const keys = this.#keys
    return this.#ledger.beginWarm(...args).then((answers) => {
      for (const [index, { userId, warm }] of args[0].entries()) {
        if (answers[index] === 'begun') keys.set(userId, { runId, warm, epoch })
      }
      return answers
    })
  }
}
