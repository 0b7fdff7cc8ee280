import type { ForceDisconnect, RoomId } from '@tally/protocol'
import type { Caller } from '../../actions/context.ts'
import { LazyMap } from '../../core/lazy-map.ts'
import type { DeviceId } from '../../core/ledger-step.ts'
import type { RoundTrip } from '../../core/round-trip.ts'
import type { AuthenticatedUser } from '../identity.ts'
import type { BadgeOutlet } from './badge-outlet.ts'
import type { Connection } from './connection.ts'
import { EventOrder } from './event-order.ts'
import type { Subscription } from './subscription.ts'

/** A connection that is known to be somebody's: what events act on and frames are for. */
export class SignedInDevice {
  readonly connection: Connection
  readonly roundTrip: RoundTrip
  /** Where this device's rows and totals go out. */
  readonly badges: BadgeOutlet
  /** The order in which its events about one room take effect. */
  readonly order = new EventOrder()
  /** Rooms it joined and has not left. */
  readonly rooms = new LazyMap<RoomId, Subscription>()
  /** Whose it is, by the newest token. */
  person: AuthenticatedUser
  /** It was told who it is; before that nothing else may reach it. */
  isReady = false
  isClosed = false

  constructor(parts: Pick<SignedInDevice, 'connection' | 'roundTrip' | 'badges' | 'person'>) {
    this.connection = parts.connection
    this.roundTrip = parts.roundTrip
    this.badges = parts.badges
    this.person = parts.person
  }

  get deviceId(): DeviceId {
    return this.connection.deviceId
  }

  get caller(): Caller & { deviceId: DeviceId } {
    const { userId, signIn } = this.person
    return { userId, signIn, deviceId: this.deviceId }
  }

  /** The session was ended for good: its client must not come back by itself. */
  forceDisconnect(reason: ForceDisconnect['reason']): void {
    this.connection.send('force-disconnect', { reason })
    this.connection.closeForGood()
  }
}
