import type { DeviceId } from '../../core/ledger-step.ts'
import { type RateAnswer, TokenBuckets } from '../../core/rate-limit.ts'

export type ConnectionLimitsOptions = {
  eventsPerSecond: number
  /** After a reconnect an app says at once what it had said over time: its rooms, what it wrote meanwhile. */
  eventBurst: number
  joinsPerSecond: number
  openRoomsPerConnection: number
  now: () => number
}

/** Refused events that are still answered, each; who goes on like that is not a client that will notice. */
const REFUSED_BURST = 1_000
const FAILED_AUTHENTICATIONS: { perSecond: number; burst: number } = { perSecond: 5, burst: 100 }

/** What one connection or address may do; what one person may do over all of them is the actions' to limit. */
export class ConnectionLimits {
  readonly #events: TokenBuckets
  readonly #joins: TokenBuckets
  readonly #refused: TokenBuckets
  readonly #failedAuthentications = new TokenBuckets(FAILED_AUTHENTICATIONS)
  readonly #now: () => number

  constructor(options: ConnectionLimitsOptions) {
    const { eventsPerSecond, eventBurst, joinsPerSecond, openRoomsPerConnection, now } = options
    this.#events = new TokenBuckets({ perSecond: eventsPerSecond, burst: eventBurst })
    this.#joins = new TokenBuckets({
      perSecond: joinsPerSecond,
      burst: Math.max(joinsPerSecond, openRoomsPerConnection),
    })
    this.#refused = new TokenBuckets({ perSecond: eventsPerSecond, burst: REFUSED_BURST })
    this.#now = now
  }

  /** One event of a connection. */
  takeEvent(deviceId: DeviceId): RateAnswer {
    return this.#events.take(deviceId, this.#now())
  }

  takeJoin(deviceId: DeviceId): RateAnswer {
    return this.#joins.take(deviceId, this.#now())
  }

  /** An event was refused. @returns whether this connection pays no heed to that, however often it happens. */
  isFlooding(deviceId: DeviceId): boolean {
    return !this.#refused.take(deviceId, this.#now()).ok
  }

  /** A token from this address was wrong. @returns whether the address tries too many. */
  isGuessing(address: string): boolean {
    return !this.#failedAuthentications.take(address, this.#now()).ok
  }

  /** The connection is gone. */
  forget(deviceId: DeviceId): void {
    this.#events.forget(deviceId)
    this.#joins.forget(deviceId)
    this.#refused.forget(deviceId)
  }
}
