import type { ClientEventName, UserId } from '@tally/protocol'
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
/** What one person may do over all connections, in those of one: as many as are really used at once. */
const CONNECTIONS_IN_USE = 5
/** A sync reads as much as this many other events. */
const COST: Partial<Record<ClientEventName, number>> = { sync: 5 }
const FAILED_AUTHENTICATIONS: { perSecond: number; burst: number } = { perSecond: 5, burst: 100 }

/**
 * What one connection, one person over all connections, or one address may do. How often somebody may write or type is
 * the actions' to limit, whatever way it comes in.
 */
export class ConnectionLimits {
  readonly #events: TokenBuckets
  readonly #people: TokenBuckets
  readonly #joins: TokenBuckets
  readonly #refused: TokenBuckets
  readonly #failedAuthentications = new TokenBuckets(FAILED_AUTHENTICATIONS)
  readonly #now: () => number

  constructor(options: ConnectionLimitsOptions) {
    const { eventsPerSecond, eventBurst, joinsPerSecond, openRoomsPerConnection, now } = options
    this.#events = new TokenBuckets({ perSecond: eventsPerSecond, burst: eventBurst })
    this.#people = new TokenBuckets({
      perSecond: eventsPerSecond * CONNECTIONS_IN_USE,
      burst: eventBurst * CONNECTIONS_IN_USE,
    })
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

  /** The same event on its person's account: with a new connection nothing begins anew. */
  takeEventOf(userId: UserId, name: ClientEventName): RateAnswer {
    return this.#people.take(userId, this.#now(), COST[name])
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
