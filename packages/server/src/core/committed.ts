import type { ClientId, IsoTime, MessageId, Reaction, RoomId, UserId } from '@tally/protocol'

/** What a room is to the rule: a conversation, or one person's notification feed. */
export type RoomKind = 'direct' | 'group' | 'feed'

export type Role = 'owner' | 'admin' | 'member'

/** A room's counters right after a commit. All of them only grow. */
export type RoomHead = {
  roomId: RoomId
  kind: RoomKind
  seq: number
  tally: number
  change: number
  /**
   * Rises with everything but messages: who is a member, the title, the metadata. What is remembered of a room, here or by
   * a client, is checked against it.
   */
  membership: number
}

/** A member's row right after a commit: absolute values, so it may arrive late, twice, or out of order. */
export type MemberState = {
  roomId: RoomId
  userId: UserId
  settled: number
  version: number
  readSeq: number
  readEpoch: number
  left: boolean
  muted: boolean
  archivedAtTally: number | null
  role: Role
}

/** Everything one transaction changed that a badge depends on. Empty lists and `null` when nothing was written. */
export type Committed = {
  rooms: RoomHead[]
  members: MemberState[]
  outboxId: string | null
}

/** A message as the database holds it. A deleted one keeps its place, without text. */
export type StoredMessage = {
  id: MessageId
  roomId: RoomId
  seq: number
  /** The room's tally right after this message. */
  tally: number
  change: number
  /** `null`: the system, or a person whose account is gone. */
  senderId: UserId | null
  clientId?: ClientId
  type: string
  text: string
  /** What a notification carries beside its text. */
  data?: Record<string, unknown>
  counted: boolean
  replyTo?: number
  /** Microseconds, rising strictly within the room. */
  createdAt: IsoTime
  editedAt?: IsoTime
  deletedAt?: IsoTime
  reactions: Reaction[]
}
