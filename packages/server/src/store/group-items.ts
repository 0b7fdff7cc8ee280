import type { ClientId, MessageId, RoomId, UserId } from '@tally/protocol'
import type { Committed, StoredMessage } from '../core/committed.ts'

/** A message to be committed. */
export type SendItem = {
  /** A member's has to be allowed; the system's comes from the host's own server or from ourselves. */
  kind: 'member' | 'system'
  id: MessageId
  roomId: RoomId
  senderId: UserId | null
  text: string
  type: string
  /** The sender's own name for it: sent again, it is the same message. */
  clientId?: ClientId
  /** Of the original body (`fingerprintOf`). */
  fingerprint: string
  /** A place in the same room. */
  replyTo?: number
  /** Whether it is unread for the others. */
  counted: boolean
  data?: Record<string, unknown>
  /** When the request came, on the clock of `performance.now()`. */
  receivedAtMs: number
}

/** A read of everything there is at the moment of the commit. */
export type ReadHeadItem = { userId: UserId; roomId: RoomId; readEpoch?: number }

/** Committed as one transaction. */
export type Group = {
  sends: readonly SendItem[]
  reads: readonly ReadHeadItem[]
  /** Whether to wait for rooms and rows that others hold; otherwise those items come back `busy`. */
  wait: boolean
}

/** What became of one send. `busy`: others hold its room or a row of it, so it was left out. */
export type SendResult =
  | { outcome: 'new' | 'stored'; message: StoredMessage }
  | { outcome: 'echo'; of: number }
  | { outcome: 'client_id_conflict' | 'room_not_found' | 'message_not_found' | 'busy' }

/** What became of one read: where the cursor stands now, and whether this moved it. */
export type ReadResult =
  | { outcome: 'read'; readSeq: number; readEpoch: number; advanced: boolean }
  | { outcome: 'room_not_found' | 'busy' }

/** In the order of the items. */
export type GroupResult = { sends: SendResult[]; reads: ReadResult[]; committed: Committed }
