import type { Rev, RoomId, UserId } from '@tally/protocol'
import type { LedgerRoomKind, MemberPart } from './registers.ts'

/**
 * One socket connection; or what stands for one that polls: `poll:<userId>@<nodeId>` for being there,
 * `poll:<userId>:<device>` for what a device shows, `poll:<userId>` for the screens of the installed web app.
 */
export type DeviceId = string

/** One server process. */
export type NodeId = string

/** A known badge. Absolute: whoever gets it replaces what they had. */
export type BadgeValue = {
  /** Σ shown over rooms neither muted nor archived. */
  readonly total: number
  /** How many of those rooms show anything. */
  readonly unreadRooms: number
  /** Unread entries of the notification feed. */
  readonly notifications: number
  readonly rev: Rev
}

/** A room as its member sees it. Immutable: a visible change makes a new one. */
export type LedgerRoom = {
  readonly roomId: RoomId
  readonly kind: LedgerRoomKind
  /** The number on the room. Also given for muted and archived rooms, which are no part of the total. */
  readonly shown: number
  readonly change: number
  readonly muted: boolean
  readonly archived: boolean
  readonly left: boolean
}

/** What a commit did to one room, as one user's key has to know it. All values absolute; what is absent did not change. */
export type RoomUpdate = {
  readonly roomId: RoomId
  /** Alone: a message from somebody else. Needed beside `member` wherever the commit knows it. */
  readonly tally?: number
  readonly change?: number
  /** The user's own row, when the commit touched it. */
  readonly member?: MemberPart
}

/** Leases say where a user is connected and what they have open. Each lapses by itself `ttlMs` after it was last put. */
export type LeaseChange =
  | {
      readonly kind: 'connect'
      readonly deviceId: DeviceId
      readonly nodeId: NodeId
      readonly ttlMs: number
    }
  /** The device is gone, and with it everything it had open. */
  | { readonly kind: 'disconnect'; readonly deviceId: DeviceId }
  | {
      readonly kind: 'open'
      readonly deviceId: DeviceId
      readonly roomId: RoomId
      /** The person's in the room, of the moment in which it was opened. */
      readonly readEpoch: number
      readonly ttlMs: number
    }
  | { readonly kind: 'close'; readonly deviceId: DeviceId; readonly roomId: RoomId }
  /** Mark-unread: whoever opened the room before this epoch has it open no more. What was opened since stays open. */
  | { readonly kind: 'close-older'; readonly roomId: RoomId; readonly beforeEpoch: number }

/** One atomic step of one user's key. */
export type LedgerStep = {
  readonly userId: UserId
  readonly rooms?: readonly RoomUpdate[]
  readonly leases?: readonly LeaseChange[]
}

/** What a step did. */
export type LedgerOutcome =
  /** No key: nothing was kept, neither registers nor leases. Warm, then put leases again. */
  | { readonly userId: UserId; readonly state: 'cold' }
  /** Merged and kept; the badge is not known until the warming is finished, whose outcome tells what changed. */
  | { readonly userId: UserId; readonly state: 'warming' }
  | ReadyOutcome

export type ReadyOutcome = {
  readonly userId: UserId
  readonly state: 'ready'
  readonly badge: BadgeValue
  /** The rev of the last outcome: what is told here follows upon that. 0: it follows upon nothing, it stands alone. */
  readonly since: number
  /** Whether total, unreadRooms or notifications are others than in the last outcome. */
  readonly badgeChanged: boolean
  /**
   * Rooms, feed included, that visibly changed since the last outcome, each once, the latest first: by this step, or by
   * leases that lapsed in a read before it. Nobody else will tell the user's devices.
   */
  readonly rooms: readonly LedgerRoom[]
  /** Rooms named by this step that the key knows only in part: begin a forced warming. Until then they show nothing. */
  readonly missing: readonly RoomId[]
  /** Where the user is connected. */
  readonly nodes: readonly NodeId[]
}
