import { RequestError } from '@tally/protocol'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { OutdatedCall } from '../../src/ledger/outdated-call.ts'
import type { Link } from './link.ts'
import type { LedgerCall, SimulatedRedis } from './simulated-redis.ts'

export type LedgerLinkOptions = {
  readonly redis: SimulatedRedis
  readonly link: Link
  /** Keys that were warmed with this number or a lower one are cold. */
  readonly epoch: () => number
  /** Told of a later epoch than that. */
  readonly onNewerEpoch: (epoch: number) => void
  /** Told when the server is another than it was: what it held may be lost. */
  readonly onLoss: () => void
}

const TIMEOUT_MS = 500
const LOOK_AT_RUN_EVERY_MS = 1_000

/**
 * One node's connection to the ledger's server. What goes wrong on the way leaves open whether the call took effect;
 * which run of the server it talks to it asks when it connects, and every second.
 */
export class LedgerLink {
  readonly ledger: Ledger
  readonly #redis: SimulatedRedis
  readonly #link: Link
  readonly #epoch: () => number
  readonly #onNewerEpoch: (epoch: number) => void
  readonly #onLoss: () => void
  #runId: string
  #connection: number

  constructor({ redis, link, epoch, onNewerEpoch, onLoss }: LedgerLinkOptions) {
    this.#redis = redis
    this.#link = link
    this.#epoch = epoch
    this.#onNewerEpoch = onNewerEpoch
    this.#onLoss = onLoss
    this.#runId = redis.runId
    this.#connection = redis.connections
    const call =
      <M extends keyof Ledger>(method: M) =>
      (...args: Parameters<Ledger[M]>) =>
        this.#call({ method, args } as LedgerCall)
    this.ledger = {
      apply: call('apply'),
      beginWarm: call('beginWarm'),
      finishWarm: call('finishWarm'),
      read: call('read'),
      drop: call('drop'),
      stats: call('stats'),
    } as Ledger
    setInterval(() => this.#lookAtRun(), LOOK_AT_RUN_EVERY_MS)
  }

  /** Whether the server answers. */
  async probe(): Promise<void> {
    await this.#link.travel()
    if (this.#redis.isDown || this.#redis.isHung) throw unavailable()
    await this.#link.travel()
  }

  async #call(call: LedgerCall): Promise<unknown> {
    const { faults, time, chance } = this.#link
    await this.#link.travel()
    if (this.#redis.isDown || faults.strikes('ledger call lost')) {
      await time.wait(TIMEOUT_MS)
      throw unavailable()
    }
    if (this.#redis.isHung) {
      await time.wait(TIMEOUT_MS)
      // It lies in the server's buffer, and is executed when the server goes on.
      if (chance.is(0.5)) this.#executeLater(call)
      throw unavailable()
    }
    this.#reconnect()
    const answer = await this.#execute(call)
    this.#link.reached(call.method)
    if (faults.strikes('ledger answer lost')) {
      await time.wait(TIMEOUT_MS)
      throw unavailable()
    }
    await this.#link.travel()
    return answer
  }

  async #execute(call: LedgerCall): Promise<unknown> {
    try {
      return await this.#redis.execute(call, { runId: this.#runId, epoch: this.#epoch() })
    } catch (error) {
      if (error instanceof OutdatedCall) this.#onNewerEpoch(error.epoch)
      throw error
    }
  }

  #executeLater(call: LedgerCall): void {
    const caller = { runId: this.#runId, epoch: this.#epoch() }
    const look = (): void => {
      if (this.#redis.isHung) setTimeout(look, 100)
      else this.#redis.execute(call, caller).catch(() => {})
    }
    setTimeout(look, 100)
  }

  /** A proxy in front may hide from some nodes that the server is another. */
  #reconnect(): void {
    if (this.#connection === this.#redis.connections) return
    this.#connection = this.#redis.connections
    if (this.#link.chance.is(0.5)) this.#runId = this.#redis.runId
  }

  #lookAtRun(): void {
    if (this.#redis.isDown || this.#redis.isHung || this.#runId === this.#redis.runId) return
    this.#runId = this.#redis.runId
    this.#onLoss()
  }
}

function unavailable(): RequestError {
  return new RequestError('unavailable', { retryAfterMs: TIMEOUT_MS })
}
