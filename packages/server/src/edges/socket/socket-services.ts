import type { ActionContext } from '../../actions/context.ts'
import type { AuthenticatedUser } from '../identity.ts'
import type { BadgeSender } from './badge-sender.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import type { People } from './people.ts'
import type { RoomStreams } from './room-streams.ts'
import type { Turnstile } from './turnstile.ts'
import type { Typists } from './typists.ts'

/** What every session of a node shares. */
export type SocketServices = {
  readonly ctx: ActionContext
  readonly identity: { authenticate(token: string): Promise<AuthenticatedUser> }
  readonly streams: RoomStreams
  readonly typists: Typists
  readonly badges: BadgeSender
  readonly people: People
  readonly limits: ConnectionLimits
  /** Through which devices leave the ledger. */
  readonly departures: Turnstile
  /** A newer connection of a person ends the older ones. */
  readonly singleSession: boolean
  /** Monotonic milliseconds, for what is measured. */
  readonly nowMs: () => number
}
