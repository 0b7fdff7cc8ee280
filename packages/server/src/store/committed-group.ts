import type { MessageId, RoomId, UserId } from '@tally/protocol'
import type { Committed, StoredMessage } from '../core/committed.ts'

export type SendOutcome = {
  message: StoredMessage
  /** Sent before: this is the answer that was given then, as the message is now. */
  duplicate: boolean
}

export type ReadOutcome = { readSeq: number; readEpoch: number }

/** A read that was part of a group. `advanced`: it moved the cursor. */
export type GroupRead = ReadOutcome & { userId: UserId; roomId: RoomId; advanced: boolean }

/** One transaction's worth of news. */
export type CommittedGroup = {
  committed: Committed
  /** The new ones only, in order of their room's seq. */
  messages: StoredMessage[]
  reads: GroupRead[]
  /** When its call began and when it was back, on the clock of `performance.now()`. */
  startedAtMs: number
  committedAtMs: number
  /** When each new message's request had come, on the same clock. */
  receivedAtMs: ReadonlyMap<MessageId, number>
}
