import type { ForceDisconnect, RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../core/committed.ts'
import type { BadgeValue, DeviceId, LedgerStep, NodeId } from '../core/ledger-step.ts'
import type { PresenceNews } from '../core/presence-board.ts'
import type { SignIn } from '../core/sign-in.ts'

/** Where the time of one message went, in milliseconds, for the one who wants to see it. */
export type MessageTiming = {
  /** When the edge had it, by this node's clock: to be shown, not to be compared. */
  acceptedAt: string
  /** From the arrival at the edge to the start of its commit. */
  edgeMs: number
  commitMs: number
  ledgerMs: number
}

/** One row of a person's room list: every field, every time, so a receiver overwrites what it had. */
export type RoomRow = {
  roomId: RoomId
  lastMessage: string
  lastMessageAt: string | null
  lastSeq: number
  lastSenderId: UserId | null
  unreadCount: number
  rev: number
  change: number
  membership: number
  muted: boolean
  archived: boolean
  left: boolean
  timing?: MessageTiming
}

type RoomEventName =
  | 'message-updated'
  | 'message-deleted'
  | 'read-receipt'
  | 'delivery-receipt'
  | 'typing'
  | 'user-joined'
  | 'user-left'
  | 'member-left'
  | 'room-changed'

type UserEventName = 'notification' | 'feed-state' | 'presence'

/** To the sockets that joined the room. */
export type RoomEvent = {
  kind: 'room-event'
  roomId: RoomId
  event: RoomEventName
  payload: Record<string, unknown>
  exceptUserId?: UserId
  exceptDeviceId?: DeviceId
}

/** What travels between nodes. A node applies a frame to the sockets it holds and forgets it. */
export type Frame =
  /** To the sockets that joined the room, each seq once, in order. `membership`: the room's right after it. */
  | { kind: 'message'; roomId: RoomId; message: StoredMessage; membership: number }
  | RoomEvent
  /** A device on that node: a person types in a room, or has stopped. */
  | { kind: 'typing'; nodeId: NodeId; roomId: RoomId; userId: UserId; typing: boolean }
  /** A node to itself: what the ledger knows of a room that is open here, for whoever missed a frame. */
  | { kind: 'room-head'; roomId: RoomId; change: number }
  /** `urgent`: caused by this person's own reading, so coalescing must not delay it. */
  | {
      kind: 'user'
      userId: UserId
      /** The rev that this follows upon; 0: it stands alone. Nodes tell at the same time, and frames cross. */
      since: number
      badge: BadgeValue
      rooms: RoomRow[]
      urgent: boolean
    }
  | { kind: 'user-event'; userId: UserId; event: UserEventName; payload: Record<string, unknown> }
  /** To every node: these steps found no key. Who holds these people warms them. */
  | { kind: 'cold'; nodeId: NodeId; steps: readonly Pick<LedgerStep, 'userId' | 'rooms'>[] }
  /** To every node: somebody came, or went. `peerIds` see it. */
  | ({ kind: 'presence'; peerIds: readonly UserId[] } & PresenceNews)
  /** To every node, with each touch. `isLeaving`: for the last time. */
  | { kind: 'node-alive'; nodeId: NodeId; isLeaving: boolean }
  /** Name, image or type of a person are other ones now. */
  | { kind: 'profile-changed'; userId: UserId }
  /**
   * The person is no longer in the room: their devices that opened it before this read epoch hear nothing more of it; absent
   * (from nodes of earlier versions): whenever they did. Who came back has a later one.
   */
  | { kind: 'membership-ended'; userId: UserId; roomId: RoomId; beforeEpoch?: number }
  /**
   * Marked unread: the room no longer counts as open on those devices of this person, or on this one, that opened it
   * before this read epoch; absent (from nodes of earlier versions): whenever they did.
   */
  | { kind: 'open-ended'; userId: UserId; roomId: RoomId; deviceId?: DeviceId; beforeEpoch?: number }
  | {
      kind: 'session-ended'
      userId: UserId
      reason: ForceDisconnect['reason']
      exceptDeviceId?: DeviceId
      /** Only sessions whose token was issued before this time (ms since 1970). */
      issuedBeforeMs?: number
      /** Only sessions of these sign-ins. */
      signIns?: readonly SignIn[]
    }
