import type { LIMITS, RoomId, UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { LocalDevices } from '../bus/local-devices.ts'
import type { DeviceId, LedgerOutcome } from '../core/ledger-step.ts'
import type { TokenBuckets } from '../core/rate-limit.ts'
import type { SignIn } from '../core/sign-in.ts'
import type { TypingBoard } from '../core/typing.ts'
import type { FileStore } from '../files/file-store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Outbox } from '../queue/outbox.ts'
import type { AskedTogether } from '../store/asked-together.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Lanes } from '../store/lanes.ts'
import type { Limiter } from '../store/limit-concurrency.ts'
import type { Database } from '../store/open-database.ts'
import type { MemberRecord } from '../store/read-member.ts'
import type { MessagePageRead, PageAsked } from '../store/read-messages.ts'
import type { OwnRoomRecord } from '../store/read-rooms.ts'
import type { Together } from '../store/together.ts'
import type { ColdPeople } from './cold-people.ts'
import type { DevicesSeen } from './devices-seen.ts'
import type { HeldNews } from './held-news.ts'
import type { LedgerWarmer } from './ledger-warmer.ts'
import type { LiveSignals } from './live-signals.ts'
import type { MembersCache } from './members-cache.ts'
import type { PolledScreens } from './polled-screens.ts'
import type { PollingPeople } from './polling-people.ts'
import type { Presence } from './presence.ts'
import type { ReadEpochs } from './read-epochs.ts'
import type { RecentMessages } from './recent-messages.ts'
import type { RecentRows } from './recent-rows.ts'
import type { RoomAudience } from './room-audience.ts'
import type { RoomPeople } from './room-people.ts'
import type { RoomPreviews } from './room-previews.ts'
import type { UnstoredDeliveries } from './unstored-deliveries.ts'

/** A device that comes to this node. */
export type Arrival = { readonly userId: UserId; readonly deviceId: DeviceId }

/** A device begins to show a room, or shows it no longer. */
export type Visit = {
  readonly kind: 'open' | 'close'
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly roomId: RoomId
  /** At which it is opened, where that is known. */
  readonly readEpoch?: number
}

/**
 * Where whoever opens a room stands in it: `undefined` if they are not in it. Nobody asks that of a room they close, or open
 * at an epoch they know.
 */
export type Visited = MemberRecord | undefined

/** Who acts. The edge has proved it; an action never looks at a token. */
export type Caller = {
  readonly userId: UserId
  /** The device that acts, where there is one. */
  readonly deviceId?: DeviceId
  /** What a person's token belongs to. */
  readonly signIn?: SignIn
  /** When it was issued, in ms since 1970. */
  readonly issuedAtMs?: number
}

/** Structured log lines. Never the text of a message, a token or a secret. */
type Log = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Limits an operator can change; the defaults are the protocol's. */
export type Limits = { readonly [name in keyof typeof LIMITS]: number }

/** Everything the actions of one node share. Built once, in `main.ts`. */
export type ActionContext = {
  readonly db: Database
  readonly groups: GroupCommit
  readonly ledger: Ledger
  readonly bus: Bus
  readonly devices: LocalDevices
  readonly devicesSeen: DevicesSeen
  readonly warmer: LedgerWarmer
  /** Devices that come to this node enter the ledger together. */
  readonly arrivals: AskedTogether<Arrival, LedgerOutcome>
  /** Rooms that devices of this node open and close enter the ledger together. */
  readonly visits: AskedTogether<Visit, Visited>
  /** Pages of history, and counting it anew, give way to what is live: only so many at the same time. */
  readonly pages: Limiter
  /** Those next to a place in a room, within that limit and together. */
  readonly pagesBefore: Together<PageAsked, MessagePageRead | undefined>
  readonly pagesAfter: Together<PageAsked, MessagePageRead | undefined>
  /** Changes that lock a room: one in a room at a time, of everybody in turn, in few connections. */
  readonly changes: <T>(of: { caller: Caller | null; roomId: RoomId }, work: () => Promise<T>) => Promise<T>
  /** Changes of what is a person's own, which wait for those: one of a person at a time, in half the connections. */
  readonly ownChanges: Lanes
  readonly coldPeople: ColdPeople
  readonly membersCache: MembersCache
  readonly previews: RoomPreviews
  readonly heldNews: HeldNews
  readonly recentRows: RecentRows
  readonly recentMessages: RecentMessages
  readonly presence: Presence
  readonly pollingPeople: PollingPeople
  readonly polledScreens: PolledScreens
  readonly readEpochs: ReadEpochs
  readonly audience: RoomAudience
  readonly roomPeople: RoomPeople
  /** A room as one of those who are in it finds it; `undefined` for whoever is not. */
  readonly ownRooms: AskedTogether<{ userId: UserId; roomId: RoomId }, OwnRoomRecord | undefined>
  readonly signals: LiveSignals
  readonly deliveries: UnstoredDeliveries
  readonly typing: TypingBoard
  readonly outbox: Outbox
  readonly files: FileStore
  /** Kinds of files that are taken. */
  readonly attachmentTypes: readonly string[]
  readonly limits: Limits
  readonly rateLimits: {
    readonly sends: TokenBuckets
    readonly typing: TokenBuckets
    readonly deliveries: TokenBuckets
    readonly searches: TokenBuckets
    /** People brought into rooms, by who brings them. */
    readonly invitations: TokenBuckets
    readonly reports: TokenBuckets
    readonly exports: TokenBuckets
  }
  /** How much polls are stretched because of the server's load (`core/polling-interval.ts`); 1 is not at all. */
  readonly loadFactor: () => number
  /** Milliseconds since 1970, for leases and caches: never for the order of anything. */
  readonly now: () => number
  readonly newId: () => string
  readonly log: Log
}
